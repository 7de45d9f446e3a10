import type {Command} from './command.ts';
import {keepQuiet} from './quiet.ts';

const USAGE = 'NAME|glob|group:G|all 2h|until recovered [why]';

const silence: Command = {
  name: 'silence',
  role: 'operator',
  usage: USAGE,
  summary: (words) => words.help.silence,
  run: (call, desk) => keepQuiet('silence', `/silence ${USAGE}`, call, desk),
};
export default silence;
