import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { command } from './command.js'
import { rootDisk, treeDisk } from './disks.js'
import { initramfs, jobArchive } from './initramfs.js'
import { kernel } from './kernel.js'
import { Pulse } from './pulse.js'
import { discard, scratchDirectory } from './scratch.js'
import { StuckMachine, saysStuck } from './stuck.js'

/** Which hierarchies of control groups the machine has mounted; `systemd` is pure v2 under systemd, which then also is pid 1. */
export type World = 'v1' | 'v2' | 'hybrid' | 'systemd'
export const WORLDS: readonly World[] = ['v2', 'v1', 'hybrid', 'systemd']

export interface Order {
  readonly world: World
  /** A script for bash, run as root in /meseta, where the project lies. Its status is the machine's; what it writes to $REPORT comes back. */
  readonly job: string
  /** Files beside the job, in /run/vm, by name. */
  readonly files?: Readonly<Record<string, string>>
  /** Raw disks that outlive the machine, in the order in which it sees them: /dev/vdc, /dev/vdd … */
  readonly disks?: readonly string[]
  readonly memoryMiB?: number
  /** Seconds that the job may take. When they are over the console says what everything waits for, and the machine goes off without a status. */
  readonly limit?: number
  /** Gets the console, piece by piece. */
  readonly onOutput?: (text: string) => void
}

export interface Outcome {
  /** Of the job; undefined when the machine was killed or fell over before the job ended. */
  readonly status: number | undefined
  readonly report: string
  readonly console: string
}

/** A virtual machine that runs. It keeps nothing but the disks that it was given. */
export class VirtualMachine {
  readonly #qemu: ChildProcess
  readonly #directory: string
  readonly #ended: Promise<unknown>
  #console = ''
  #stuck: NodeJS.Timeout | undefined
  readonly #pulse: Pulse

  private constructor(qemu: ChildProcess, directory: string, onOutput: (text: string) => void) {
    this.#qemu = qemu
    this.#directory = directory
    this.#ended = once(qemu, 'close')
    this.#pulse = new Pulse(join(directory, 'pulse'), () => qemu.kill('SIGKILL'))
    const take = (text: string): void => {
      const plain = text.replaceAll('\r', '')
      this.#console += plain
      this.#endIfStuck()
      onOutput(plain)
    }
    qemu.stdout?.setEncoding('utf8').on('data', take)
    qemu.stderr?.setEncoding('utf8').on('data', take)
  }

  static async boot(order: Order): Promise<VirtualMachine> {
    const used = await kernel()
    const [root, early] = await Promise.all([rootDisk(used), initramfs(used)])
    const directory = await scratchDirectory()
    const at = (name: string): string => join(directory, name)
    await Promise.all([
      treeDisk(at('tree')),
      jobArchive(at('job'), { ...order.files, job: order.job, settings: settingsOf(order) }),
    ])
    await command('sh', '-c', 'cat "$1" "$2" > "$3"', 'sh', early, at('job'), at('initrd'))
    const options = [
      ...machine(order.memoryMiB ?? 2048),
      ...[
        '-kernel',
        used.image,
        '-initrd',
        at('initrd'),
        '-append',
        `console=ttyS0 loglevel=5 panic=-1 mitigations=off ${SYSTEMD}`,
      ],
      ...drive(root, 'snapshot=on'),
      ...drive(at('tree'), 'snapshot=on'),
      ...(order.disks ?? []).flatMap((disk) => drive(disk)),
      ...['-device', 'virtio-serial', ...port(1, at('status')), ...port(2, at('report')), ...port(3, at('pulse'))],
    ]
    // However this process ends, the machine ends with it.
    const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return new VirtualMachine(qemu, directory, order.onOutput ?? (() => undefined))
  }

  /** Everything that the console showed so far. */
  get console(): string {
    return this.#console
  }

  /** Whether its kernel stands still. The machine is then about to be killed, and `end` throws. */
  get isStuck(): boolean {
    return saysStuck(this.#console) || this.#pulse.isGone
  }

  /** Until it is off; a StuckMachine is thrown when its kernel got stuck. */
  async end(): Promise<Outcome> {
    await this.#ended
    this.#pulse.stop()
    const [status, report] = await Promise.all(
      ['status', 'report'].map((name) => readFile(join(this.#directory, name), 'utf8').catch(() => '')),
    )
    await discard(this.#directory)
    if (this.isStuck) throw new StuckMachine(this.#console)
    return { status: /^\d+\n/.test(status ?? '') ? Number(status) : undefined, report: report ?? '', console: this.#console }
  }

  /** As when somebody pulls the plug. */
  async pullThePlug(): Promise<Outcome> {
    if (!this.isStuck) this.#qemu.kill('SIGKILL')
    return this.end()
  }

  /** A while later: the kernel is still to say where it is stuck. */
  #endIfStuck(): void {
    if (this.#stuck !== undefined || !this.isStuck) return
    this.#stuck = setTimeout(() => this.#qemu.kill('SIGKILL'), LAST_WORDS)
  }
}

const settingsOf = ({ world, limit }: Order): string => `WORLD=${world}\n${limit === undefined ? '' : `LIMIT=${limit}\n`}`

/** Milliseconds. */
const LAST_WORDS = 5_000

/** Nobody else reads these. */
const SYSTEMD = 'systemd.unit=meseta-vm.service systemd.unified_cgroup_hierarchy=1 systemd.show_status=0 systemd.firstboot=0'

/** Emulated by default: where /dev/kvm works, MESETA_VM_ACCEL=kvm is about ten times as fast. */
const machine = (memoryMiB: number): string[] => [
  ...['-M', 'q35', '-accel', process.env.MESETA_VM_ACCEL ?? 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', `${memoryMiB}`],
  ...['-display', 'none', '-monitor', 'none', '-serial', 'stdio', '-no-reboot', '-nic', 'none'],
]

const drive = (file: string, ...options: string[]): string[] => [
  '-drive',
  [`file=${file}`, 'if=virtio', 'format=raw', ...options].join(','),
]

const port = (number: number, file: string): string[] => [
  ...['-chardev', `file,id=port${number},path=${file}`],
  ...['-device', `virtserialport,chardev=port${number},nr=${number},name=meseta.${number}`],
]
