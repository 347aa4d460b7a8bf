import { Resources } from '#model/resources.js'
import type { ResponseGetFrameworksFramework } from '#wire/master.js'
import type { FrameworkRecord } from './cluster.js'
import { timeInfo } from './status.js'

export interface FrameworkMessageOptions {
  /** Whether `unregistered_time` is there before its end too, as zero: so the event stream has it, GET_FRAMEWORKS has not. */
  readonly unregistered: boolean
  /** With offers and resources, as GET_FRAMEWORKS shows them. */
  readonly holdings?: boolean
}

/** A framework as operators see it (row 3-017). */
export function frameworkMessage(
  framework: FrameworkRecord,
  { unregistered, holdings }: FrameworkMessageOptions,
): ResponseGetFrameworksFramework {
  const ended = framework.unregisteredAt
  return {
    frameworkInfo: framework.info,
    active: framework.stream !== undefined,
    connected: framework.stream !== undefined,
    recovered: framework.recovered,
    registeredTime: timeInfo(framework.registeredAt),
    reregisteredTime: timeInfo(framework.reregisteredAt),
    ...((ended !== undefined || unregistered) && { unregisteredTime: timeInfo(ended ?? 0) }),
    ...(holdings && holdingsOf(framework)),
  }
}

function holdingsOf(framework: FrameworkRecord): Partial<ResponseGetFrameworksFramework> {
  return {
    offers: [...framework.offers].map(({ message }) => message),
    allocatedResources: usedBy(framework).toProto('both'),
    offeredResources: offeredTo(framework).toProto('both'),
    offerConstraints: framework.constraints ?? {},
  }
}

/** What its tasks and executors hold on registered agents. */
export function usedBy(framework: FrameworkRecord): Resources {
  const tasks = [...framework.tasks.values()].map(({ held }) => held)
  return Resources.sum([...tasks, ...[...framework.executors].map(({ resources }) => resources)])
}

export function offeredTo(framework: FrameworkRecord): Resources {
  return Resources.sum([...framework.offers].map(({ resources }) => resources))
}
