import { expect, test } from 'vitest'
import { withoutSecrets } from '#agent/core/secrets.js'
import {
  type ContainerInfo,
  ContainerInfoType,
  EnvironmentVariableType,
  ImageType,
  SecretType,
  VolumeMode,
  VolumeSourceType,
} from '#wire/mesos.js'

const secret = { type: SecretType.VALUE, value: { data: Buffer.from('correct horse') } }
const image = { type: ImageType.DOCKER, docker: { name: 'a', config: secret } }
const container: ContainerInfo = {
  type: ContainerInfoType.MESOS,
  mesos: { image },
  volumes: [
    { mode: VolumeMode.RO, containerPath: 'key', source: { type: VolumeSourceType.SECRET, secret } },
    { mode: VolumeMode.RW, containerPath: 'd', hostPath: '/data' },
    { mode: VolumeMode.RO, containerPath: 'i', image },
  ],
}
const command = {
  value: 'true',
  environment: {
    variables: [
      { name: 'A', value: 'a' },
      { name: 'B', type: EnvironmentVariableType.SECRET, secret },
    ],
  },
}

test('what is written to a disk holds no value of a secret, and everything else', () => {
  const kept = withoutSecrets({ command, container })
  expect(JSON.stringify(kept)).not.toContain(JSON.stringify(secret.value.data))
  expect(kept).toMatchObject({
    command: {
      value: 'true',
      environment: {
        variables: [
          { name: 'A', value: 'a' },
          { name: 'B', secret: { type: SecretType.VALUE } },
        ],
      },
    },
    container: {
      volumes: [
        { containerPath: 'key', source: { secret: { type: SecretType.VALUE } } },
        { hostPath: '/data' },
        { image: { docker: { name: 'a' } } },
      ],
      mesos: { image: { docker: { name: 'a', config: { type: SecretType.VALUE } } } },
    },
  })
  expect(container.volumes![0]!.source!.secret!.value).toBe(secret.value)
})

test('what holds none is the same object', () => {
  const info = { command: { value: 'true', environment: { variables: [{ name: 'A', value: 'a' }] } }, container: undefined }
  expect(withoutSecrets(info)).toBe(info)
})
