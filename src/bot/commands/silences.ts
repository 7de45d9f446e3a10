import {selectorText} from '../../state/silences.ts';
import type {Command} from './command.ts';
import {silenceLine} from './quiet.ts';

const silences: Command = {
  name: 'silences',
  role: 'viewer',
  usage: '',
  summary: (words) => words.help.silences,
  run: (call, desk) => {
    const lines = desk.silences().map((silence) => silenceLine(silence, selectorText(silence.what), call, desk));
    return {lines: lines.length === 0 ? [desk.words.silence.none] : lines};
  },
};
export default silences;
