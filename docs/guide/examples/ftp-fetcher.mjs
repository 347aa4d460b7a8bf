// Fetches ftp:// URIs: `meseta agent --fetcher_modules=/etc/meseta/ftp-fetcher.mjs …`. Passive mode, binary, with resume.
import { once } from 'node:events'
import { connect } from 'node:net'

/** Replies of a server, one after another: `[code, text]`. */
async function* repliesOf(socket) {
  let rest = ''
  for await (const chunk of socket.setEncoding('latin1')) {
    rest += chunk
    if (rest.length > 65_536) throw new Error('the server says too much')
    // A reply of several lines ends with one that has a blank after its code.
    for (;;) {
      const found = /^(\d{3}) (.*)\r?\n/m.exec(rest)
      if (!found) break
      rest = rest.slice(found.index + found[0].length)
      yield [Number(found[1]), found[2]]
    }
  }
  throw new Error('the server hung up')
}

class Control {
  constructor(socket) {
    this.socket = socket
    this.replies = repliesOf(socket)
  }

  async reply(...wanted) {
    const { value } = await this.replies.next()
    const [code, text] = value
    if (!wanted.includes(code)) throw new Error(`the server says: ${code} ${text}`)
    return [code, text]
  }

  ask(command, ...wanted) {
    if (/[\r\n]/.test(command)) throw new Error('a line break is in the URI')
    this.socket.write(`${command}\r\n`)
    return this.reply(...wanted)
  }
}

async function open(uri, from, abort) {
  const url = new URL(uri)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const sockets = []
  const dial = async (port) => {
    const socket = connect({ host, port, signal: abort })
    sockets.push(socket)
    await once(socket, 'connect')
    return socket
  }
  const hangUp = () => {
    for (const socket of sockets) socket.destroy()
  }
  abort.addEventListener('abort', hangUp)
  try {
    const control = new Control(await dial(Number(url.port || 21)))
    await control.reply(220)
    const [code] = await control.ask(`USER ${decodeURIComponent(url.username) || 'anonymous'}`, 230, 331)
    if (code === 331) await control.ask(`PASS ${decodeURIComponent(url.password) || 'meseta@'}`, 230, 202)
    await control.ask('TYPE I', 200)
    const path = decodeURIComponent(url.pathname)
    const size = Number((await control.ask(`SIZE ${path}`, 213))[1])
    const changed = (await control.ask(`MDTM ${path}`, 213, 500, 502, 550))[1]
    const [, port] = /\(\|\|\|(\d+)\|\)/.exec((await control.ask('EPSV', 229))[1]) ?? []
    const data = await dial(Number(port))
    if (from > 0) await control.ask(`REST ${from}`, 350)
    await control.ask(`RETR ${path}`, 125, 150)
    return { size, at: from, version: `${size} ${changed}`, body: bodyOf(control, data, hangUp) }
  } catch (error) {
    hangUp()
    throw error
  }
}

async function* bodyOf(control, data, hangUp) {
  try {
    yield* data
    await control.reply(226, 250)
  } finally {
    hangUp()
  }
}

export function createFetcherScheme() {
  return { schemes: ['ftp'], open }
}
