import type {Command} from './command.ts';
import {keepQuiet} from './quiet.ts';

const maintenance: Command = {
  name: 'maintenance',
  role: 'operator',
  usage: 'NAME|glob|group:G|all 2h|until morning [why]',
  example: 'NAME 2h',
  dangerous: ({text}) => /^all\s/.test(text),
  summary: (words) => words.help.maintenance,
  run: (call, desk) => keepQuiet(maintenance, 'maintenance', call, desk),
};
export default maintenance;
