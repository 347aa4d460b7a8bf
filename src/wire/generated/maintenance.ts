// Generated from proto/ by scripts/generate.mjs: do not edit.
import { type MessageType, message } from '../message.js'
import type * as allocator from './allocator.js'
import type * as mesos from './mesos.js'

export interface Window {
  machineIds?: mesos.MachineID[] | undefined
  unavailability: mesos.Unavailability
}
export const Window: MessageType<Window> = message('mesos.v1.maintenance.Window')

export interface Schedule {
  windows?: Window[] | undefined
}
export const Schedule: MessageType<Schedule> = message('mesos.v1.maintenance.Schedule')

export interface ClusterStatus {
  drainingMachines?: ClusterStatusDrainingMachine[] | undefined
  downMachines?: mesos.MachineID[] | undefined
}
export const ClusterStatus: MessageType<ClusterStatus> = message('mesos.v1.maintenance.ClusterStatus')

export interface ClusterStatusDrainingMachine {
  id: mesos.MachineID
  statuses?: allocator.InverseOfferStatus[] | undefined
}
export const ClusterStatusDrainingMachine: MessageType<ClusterStatusDrainingMachine> = message('mesos.v1.maintenance.ClusterStatus.DrainingMachine')
