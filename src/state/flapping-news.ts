import type {Draft} from './draft.ts';
import {sendCard} from './groups.ts';
import {type Hold, holdOn} from './holds.ts';
import {free} from './incidents.ts';
import type {FlappingSpell, Incident} from './vocabulary.ts';

/** One message when flapping starts, one when it ends, none between. */
export function startFlapping(draft: Draft, check: string, at: number): void {
  const spell = draft.spell(check);
  // It began again before people were told that it had ended: for them it never did.
  draft.putSpell(check, {check, since: spell?.since ?? at, told: spell?.told ?? false});
}

export function endFlapping(draft: Draft, check: string, at: number): void {
  const spell = draft.spell(check);
  if (spell) draft.putSpell(check, {...spell, endedAt: at});
}

export function tellSpells(draft: Draft): void {
  for (const spell of draft.spells()) {
    const hold = holdOn(draft, spell.check, {evenFlapping: true});
    if (spell.endedAt !== undefined && !spell.told) finish(draft, spell);
    else if (spell.endedAt === undefined && spell.told) continue;
    else if (hold) holdSpell(draft, spell, hold);
    else if (spell.told) tellEnd(draft, spell);
    else tellStart(draft, spell);
  }
}

function tellStart(draft: Draft, {held: _, until: __, ...spell}: FlappingSpell): void {
  draft.putSpell(spell.check, {...spell, told: true});
  say(draft, spell, 'flapping_started');
}

/** The end's message is the card of what is still broken, where that has none. */
function tellEnd(draft: Draft, spell: FlappingSpell): void {
  finish(draft, spell);
  const incident = draft.openIncident(spell.check);
  if (!incident || incident.cards.length > 0) return say(draft, spell, 'flapping_ended');
  for (const channel of channelsOf(draft, spell.check)) {
    const broken = [free(draft.incident(incident.id) ?? incident)];
    sendCard(draft, channel, {broken, missed: [], reason: 'flapping_ended'});
  }
}

/** What was held because of the flapping is free, except for what its last message tells anyway. */
function finish(draft: Draft, spell: FlappingSpell): void {
  draft.putSpell(spell.check, undefined);
  draft.holdsChanged = true;
  if (!spell.told) return;
  const owed = (incident: Incident) => incident.check === spell.check && incident.closedAt !== undefined;
  for (const incident of [...draft.all()].filter(owed)) {
    if (incident.held !== 'flapping') continue;
    const {gathering: _, ...told} = free(incident);
    draft.put(told);
    draft.setDue(incident.id, undefined);
    draft.judge(incident.check, 'dropped', 'flapping');
  }
}

function holdSpell(draft: Draft, spell: FlappingSpell, {reason, until}: Hold): void {
  if (spell.held === reason && spell.until === until) return;
  const {until: _, ...rest} = spell;
  draft.putSpell(spell.check, {...rest, held: reason, ...(until !== undefined && {until})});
  if (spell.held !== reason) draft.judge(spell.check, 'held', reason);
}

function say(draft: Draft, {check, since}: FlappingSpell, reason: 'flapping_started' | 'flapping_ended'): void {
  const isDown = draft.openIncident(check) !== undefined;
  for (const channel of channelsOf(draft, check)) {
    draft.messages.push({kind: 'flapping', channel, reason, check, isDown, since});
  }
  draft.judge(check, 'sent', reason);
}

function channelsOf(draft: Draft, check: string): readonly string[] {
  return draft.policy.check(check)?.to ?? draft.policy.noticeTo;
}
