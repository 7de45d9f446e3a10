import {selectorText} from '../../state/silences.ts';
import {mayDo} from '../access.ts';
import {clip} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {pageOf, parsePage} from './paging.ts';
import {silenceLine} from './quiet.ts';

const silences: Command = {
  name: 'silences',
  role: 'viewer',
  usage: '',
  summary: (words) => words.help.silences,
  run: listSilences,
};
export default silences;

/** Each has a button of its own. */
const PAGE_SILENCES = 8;

export function listSilences(call: Call, desk: Desk): Answer {
  const {words} = desk;
  const {items, buttons} = pageOf(desk.silences(), parsePage(call.text).page, 'silences', PAGE_SILENCES);
  if (items.length === 0) return {lines: [words.silence.none]};
  const ends = items.map(({id, what}) => {
    const label = words.silence.end(`${id} ${clip(selectorText(what), 40)}`);
    return [{label, press: `unsilence ${id}`, refresh: 'silences'}];
  });
  return {
    lines: items.map((silence) => silenceLine(silence, selectorText(silence.what), call, desk)),
    buttons: [...(mayDo(call.role, 'operator') ? ends : []), ...buttons],
  };
}
