import { type Image, ImageType, type Labels, type Secret, SecretType } from '#wire/mesos.js'
import { ImageErrors } from './errors.js'
import type { WantedImage } from './image.js'

/** What a task, or a volume of it, asks for (row 6-074). */
export function wantedImage(image: Image): WantedImage {
  const cached = image.cached ?? true
  if (image.type === ImageType.APPC && image.appc) {
    const { name, id, labels } = image.appc
    return { kind: 'appc', name: checkedName(name), id, labels: labelsOf(labels), cached }
  }
  if (image.type !== ImageType.DOCKER || !image.docker) throw ImageErrors.INCOMPLETE({})
  const { name, config } = image.docker
  return { kind: 'docker', name: checkedName(name), cached, dockerConfig: config && secretContent(config, name) }
}

function checkedName(name: string): string {
  if (name === '' || name.includes('\0')) throw ImageErrors.NAME_EMPTY({})
  return name
}

function labelsOf(labels: Labels | undefined): Readonly<Record<string, string>> | undefined {
  return labels && Object.fromEntries((labels.labels ?? []).map(({ key, value }) => [key, value ?? '']))
}

/** A secret by value is used as it stands; one by reference needs a resolver, and the agent has none (row 6-105). */
function secretContent(secret: Secret, image: string): Uint8Array {
  if (secret.type === SecretType.VALUE && secret.value) return secret.value.data
  throw ImageErrors.SECRET_UNRESOLVED({ image, name: secret.reference?.name ?? '' })
}
