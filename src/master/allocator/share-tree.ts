import type { Quantities } from '#model/quantities.js'

/**
 * One that shares: the root, a role, the frameworks of a role as a group, or a framework in a role. What it holds includes what all below it
 * hold.
 */
export class ShareNode<Owner> {
  readonly name: string
  readonly parent: ShareNode<Owner> | undefined
  /** Set on a framework in a role. */
  readonly owner: Owner | undefined
  weight = 1
  /** Its dominant share divided by its weight (rows 4-059, 4-067). */
  share = 0
  /** How often it was given something: breaks ties, so that equals take turns. */
  grants = 0
  /** Thousandths by resource name. */
  readonly held = new Map<string, number>()
  /** All children, those that want nothing now included: what they hold still counts. */
  readonly children = new Map<string, ShareNode<Owner>>()
  /** The children that may be given something, the most deserving first while `inOrder`. */
  readonly line: ShareNode<Owner>[] = []
  inOrder = true
  /** Whether it stands in its parent's line. */
  waits = false

  constructor(name: string, parent: ShareNode<Owner> | undefined, owner?: Owner) {
    this.name = name
    this.parent = parent
    this.owner = owner
  }
}

/** The name of the group that a role's own frameworks form beside its child roles (row 4-046); no role component can be called so. */
const ownGroup = '.'

/**
 * Who deserves the next resources. Shares follow each change at once; the order of a line is restored by moving the one node that changed
 * (while an allocation runs) or by sorting the line when it is next read.
 */
export class ShareTree<Owner> {
  readonly root = new ShareNode<Owner>('', undefined)
  private readonly totals = new Map<string, number>()
  private readonly excluded: ReadonlySet<string>
  private readonly weights = new Map<string, number>()
  private stale = false

  constructor(excluded: Iterable<string> = []) {
    this.excluded = new Set(excluded)
  }

  addTotal(quantities: Quantities, sign: 1 | -1): void {
    addTo(this.totals, quantities, sign)
    this.stale = true
  }

  get totalQuantities(): Quantities {
    return this.totals
  }

  get heldQuantities(): Quantities {
    return this.root.held
  }

  /** 1 where nobody set one. */
  setWeight(role: string, weight: number): void {
    this.weights.set(role, weight)
    const node = this.roleNode(role)
    if (node) node.weight = weight
    this.stale = true
  }

  /** The place of a framework in a role, made on first need. It is in no line before `activate`. */
  join(role: string, name: string, owner: Owner): ShareNode<Owner> {
    let node = this.root
    let path = ''
    for (const component of role.split('/')) {
      path = path === '' ? component : `${path}/${component}`
      node = this.childOf(node, component)
      node.weight = this.weights.get(path) ?? 1
    }
    const group = this.childOf(node, ownGroup)
    const place = new ShareNode(name, group, owner)
    group.children.set(name, place)
    return place
  }

  private childOf(parent: ShareNode<Owner>, name: string): ShareNode<Owner> {
    const known = parent.children.get(name)
    if (known) return known
    const made = new ShareNode(name, parent)
    parent.children.set(name, made)
    return made
  }

  /** What it held is given back first by the caller: a place that is gone must not count. */
  leave(place: ShareNode<Owner>): void {
    this.deactivate(place)
    for (let node = place; node.parent && node.children.size === 0; node = node.parent) node.parent.children.delete(node.name)
  }

  activate(place: ShareNode<Owner>): void {
    for (let node = place; node.parent; node = node.parent) {
      if (node.waits) return
      node.waits = true
      node.parent.line.push(node)
      node.parent.inOrder = false
    }
  }

  deactivate(place: ShareNode<Owner>): void {
    for (let node = place; node.parent; node = node.parent) {
      if (!node.waits) return
      node.waits = false
      const { line } = node.parent
      line.splice(line.indexOf(node), 1)
      if (line.length > 0) return
    }
  }

  /** Counts quantities to, or off, a place and all above it. */
  change(place: ShareNode<Owner>, quantities: Quantities, sign: 1 | -1): void {
    for (let node: ShareNode<Owner> | undefined = place; node; node = node.parent) {
      addTo(node.held, quantities, sign)
      node.share = this.shareOf(node)
      if (node.parent) node.parent.inOrder = false
    }
  }

  /** As `change`, for a grant: lines that were in order stay so. */
  grant(place: ShareNode<Owner>, quantities: Quantities): void {
    for (let node: ShareNode<Owner> | undefined = place; node; node = node.parent) {
      addTo(node.held, quantities, 1)
      node.share = this.shareOf(node)
      node.grants++
      if (node.waits && node.parent?.inOrder) reposition(node.parent.line, node)
    }
  }

  /** Brings all shares up to date after totals or weights changed; before an allocation. */
  refresh(): void {
    if (!this.stale) return
    this.stale = false
    this.refreshBelow(this.root)
  }

  private refreshBelow(node: ShareNode<Owner>): void {
    node.inOrder = false
    for (const child of node.children.values()) {
      child.share = this.shareOf(child)
      this.refreshBelow(child)
    }
  }

  private shareOf(node: ShareNode<Owner>): number {
    return this.dominantShare(node) / node.weight
  }

  private dominantShare(node: ShareNode<Owner>): number {
    let largest = 0
    for (const [name, held] of node.held) {
      if (held <= 0 || this.excluded.has(name)) continue
      const total = this.totals.get(name) ?? 0
      if (total > 0 && held / total > largest) largest = held / total
    }
    return largest
  }

  /**
   * The groups of frameworks of one role each, the most deserving first, each with its line in order. Stops early when `visit` answers true.
   * `visit` must not change the tree.
   */
  visitGroups(visit: (group: ShareNode<Owner>) => boolean, node = this.root): boolean {
    putInOrder(node)
    for (const child of node.line) {
      if (child.name === ownGroup) {
        putInOrder(child)
        if (visit(child)) return true
      } else if (this.visitGroups(visit, child)) return true
    }
    return false
  }

  /** Of a role with all below it, for metrics (row 4-124); undefined where nobody is in the role. */
  roleShare(role: string): number | undefined {
    const node = this.roleNode(role)
    return node && this.shareOf(node)
  }

  private roleNode(role: string): ShareNode<Owner> | undefined {
    let node: ShareNode<Owner> | undefined = this.root
    for (const component of role.split('/')) node = node?.children.get(component)
    return node
  }
}

function putInOrder<Owner>(node: ShareNode<Owner>): void {
  if (!node.inOrder) node.line.sort(precedes)
  node.inOrder = true
}

/** Smaller share first, then fewer grants, then by name, so that the order is total and a run replays. */
function precedes<Owner>(a: ShareNode<Owner>, b: ShareNode<Owner>): number {
  return a.share - b.share || a.grants - b.grants || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
}

/** Moves a node whose share grew back to its place in a line that is otherwise in order. */
function reposition<Owner>(line: ShareNode<Owner>[], node: ShareNode<Owner>): void {
  let at = line.indexOf(node)
  let low = at + 1
  let high = line.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (precedes(line[middle]!, node) < 0) low = middle + 1
    else high = middle
  }
  // By hand: `copyWithin` of an array asks for each place whether it is there, and takes fifty times as long.
  for (; at < low - 1; at++) line[at] = line[at + 1]!
  line[at] = node
}

function addTo(sums: Map<string, number>, quantities: Quantities, sign: 1 | -1): void {
  for (const [name, milli] of quantities) {
    const sum = (sums.get(name) ?? 0) + sign * milli
    if (sum === 0) sums.delete(name)
    else sums.set(name, sum)
  }
}
