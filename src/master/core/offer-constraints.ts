import { compilePattern } from '#model/pattern/pattern.js'
import { PatternFault } from '#model/pattern/syntax.js'
import { ValueType } from '#wire/mesos.js'
import {
  type AttributeConstraint,
  type OfferConstraints,
  type OfferConstraintsRoleConstraints,
  AttributeConstraintSelectorPseudoattributeType as Pseudo,
} from '#wire/scheduler.js'
import type { AgentFacts } from '../allocator/agent-entry.js'
import type { MasterSettings } from './settings.js'

/** Why constraints cannot be taken (rows 1-073 to 1-075), or undefined. */
export function constraintsFault(
  constraints: OfferConstraints | undefined,
  roles: readonly string[],
  settings: MasterSettings,
): string | undefined {
  for (const [role, { groups = [] }] of Object.entries(constraints?.roleConstraints ?? {})) {
    if (!roles.includes(role))
      return `offer constraints are given for role '${role}', which is not among the roles of the framework`
    if (groups.length === 0) return `the offer constraints of role '${role}' have no groups`
    for (const { attributeConstraints = [] } of groups) {
      if (attributeConstraints.length === 0) return `a group in the offer constraints of role '${role}' has no constraints`
      const fault = attributeConstraints.map((constraint) => constraintFault(constraint, settings)).find((it) => it !== undefined)
      if (fault !== undefined) return `an offer constraint of role '${role}' is not valid: ${fault}`
    }
  }
  return undefined
}

function constraintFault({ selector, predicate }: AttributeConstraint, settings: MasterSettings): string | undefined {
  const named = selector.attributeName !== undefined
  const pseudo = selector.pseudoattributeType !== undefined && selector.pseudoattributeType !== Pseudo.UNKNOWN
  if (named === pseudo) return 'its selector must name either an attribute or a pseudo-attribute'
  const { exists, notExists, textEquals, textNotEquals, textMatches, textNotMatches } = predicate
  const chosen = [exists, notExists, textEquals, textNotEquals, textMatches, textNotMatches].filter((it) => it !== undefined)
  if (chosen.length !== 1) return 'it must have exactly one predicate'
  const regex = textMatches?.regex ?? textNotMatches?.regex
  return regex === undefined ? undefined : regexFault(regex, settings)
}

function regexFault(regex: string, { offerConstraintsMaxProgramSize }: MasterSettings): string | undefined {
  try {
    compilePattern(regex, offerConstraintsMaxProgramSize)
    return undefined
  } catch (error) {
    if (error instanceof PatternFault) return `the pattern '${regex}' cannot be taken: ${error.message}`
    throw error
  }
}

/** By role: whether an agent is wanted at all. Groups are alternatives, the constraints of a group hold together. */
export function wantsOf(constraints: OfferConstraints | undefined): ReadonlyMap<string, (agent: AgentFacts) => boolean> {
  const roles = Object.entries(constraints?.roleConstraints ?? {})
  return new Map(roles.map(([role, forRole]) => [role, wanted(forRole)]))
}

function wanted({ groups = [] }: OfferConstraintsRoleConstraints): (agent: AgentFacts) => boolean {
  const alternatives = groups.map(({ attributeConstraints = [] }) => attributeConstraints.map(tester))
  // Facts never change, so neither does the verdict about them; it is asked for in every round.
  const verdicts = new WeakMap<AgentFacts, boolean>()
  return (agent) => {
    const verdict = verdicts.get(agent) ?? alternatives.some((all) => all.every((test) => test(agent)))
    verdicts.set(agent, verdict)
    return verdict
  }
}

/** The value that a selector finds: its text, absent, or there but not a text. */
type Found = { text: string } | 'absent' | 'no text'

function tester({ selector, predicate }: AttributeConstraint): (agent: AgentFacts) => boolean {
  const matches = matcher(predicate)
  return (agent) => matches(find(agent, selector))
}

function find(agent: AgentFacts, { pseudoattributeType, attributeName }: AttributeConstraint['selector']): Found {
  const text = (value: string | undefined): Found => (value === undefined ? 'absent' : { text: value })
  if (pseudoattributeType === Pseudo.HOSTNAME) return text(agent.hostname)
  if (pseudoattributeType === Pseudo.REGION) return text(agent.region)
  if (pseudoattributeType === Pseudo.ZONE) return text(agent.zone)
  const attribute = agent.attributes.find(({ name }) => name === attributeName)
  if (!attribute) return 'absent'
  return attribute.type === ValueType.TEXT ? text(attribute.text?.value ?? '') : 'no text'
}

/** Row 1-074: what is there but no text passes every text predicate, the framework has to look itself. */
function matcher(predicate: AttributeConstraint['predicate']): (found: Found) => boolean {
  const { exists, notExists, textEquals, textNotEquals, textMatches, textNotMatches } = predicate
  if (exists) return (found) => found !== 'absent'
  if (notExists) return (found) => found === 'absent'
  const onText = (absent: boolean, test: (text: string) => boolean) => (found: Found) =>
    found === 'absent' ? absent : found === 'no text' ? true : test(found.text)
  if (textEquals) return onText(false, (text) => text === textEquals.value)
  if (textNotEquals) return onText(true, (text) => text !== textNotEquals.value)
  // Its size was looked at when the constraints were taken.
  const matches = compilePattern(textMatches?.regex ?? textNotMatches?.regex ?? '', Number.POSITIVE_INFINITY)
  return textMatches ? onText(false, matches) : onText(true, (text) => !matches(text))
}
