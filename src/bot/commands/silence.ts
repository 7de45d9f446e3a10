import type {Command} from './command.ts';
import {keepQuiet} from './quiet.ts';

const silence: Command = {
  name: 'silence',
  role: 'operator',
  usage: 'NAME|glob|group:G|all 2h|until morning|until recovered [why]',
  example: 'NAME 2h',
  dangerous: ({text}) => /^all\s/.test(text),
  summary: (words) => words.help.silence,
  run: (call, desk) => keepQuiet(silence, 'silence', call, desk),
};
export default silence;
