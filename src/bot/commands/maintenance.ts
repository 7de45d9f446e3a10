import type {Command} from './command.ts';
import {keepQuiet} from './quiet.ts';

const USAGE = 'NAME|glob|group:G|all 2h [why]';

const maintenance: Command = {
  name: 'maintenance',
  role: 'operator',
  usage: USAGE,
  summary: (words) => words.help.maintenance,
  run: (call, desk) => keepQuiet('maintenance', `/maintenance ${USAGE}`, call, desk),
};
export default maintenance;
