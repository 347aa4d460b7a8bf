/** An FTP server of one file, for a test: passive mode only. Breaks the first transfer off after so many bytes. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

export class SmallFtpServer {
  /** All that it was told. */
  readonly heard: string[] = []
  readonly #content: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #breakAfter: number | undefined

  private constructor(content: string, breakAfter: number | undefined) {
    this.#content = content
    this.#breakAfter = breakAfter
    this.#server = createServer((control) => this.#serve(control))
  }

  static async begin(content: string, breakAfter?: number): Promise<SmallFtpServer> {
    const server = new SmallFtpServer(content, breakAfter)
    await listening(server.#server)
    return server
  }

  get port(): number {
    return portOf(this.#server)
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #serve(control: Socket): void {
    let from = 0
    let data: Promise<Socket> | undefined
    const say = (text: string): unknown => control.write(`${text}\r\n`)
    const answers: Record<string, (argument: string) => unknown> = {
      USER: () => say('331 who says so?'),
      PASS: () => say('230-welcome\r\n to a small place\r\n230 go on'),
      TYPE: () => say('200 fine'),
      SIZE: () => say(`213 ${this.#content.length}`),
      MDTM: () => say('213 20260101000000'),
      EPSV: async () => {
        const passive = createServer()
        await listening(passive)
        data = once(passive, 'connection').then(([socket]) => {
          passive.close()
          return this.#known(socket as Socket)
        })
        say(`229 here (|||${portOf(passive)}|)`)
      },
      REST: (argument) => {
        from = Number(argument)
        say('350 from there')
      },
      RETR: async () => {
        say('150 it comes')
        const socket = await data!
        const end = this.#breakAfter
        this.#breakAfter = undefined
        if (end === undefined) return socket.end(this.#content.slice(from), () => say('226 that was all'))
        socket.write(this.#content.slice(from, end), () => this.#known(control).resetAndDestroy())
        return socket.resetAndDestroy()
      },
    }
    this.#known(control).setEncoding('latin1')
    let rest = ''
    control.on('data', (text: string) => {
      const lines = (rest + text).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        this.heard.push(line)
        const [command = '', argument = ''] = line.split(/ (.*)/)
        ;(answers[command] ?? (() => say('500 what?')))(argument)
      }
    })
    say('220 small')
  }

  #known(socket: Socket): Socket {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    return socket
  }
}

async function listening(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port
