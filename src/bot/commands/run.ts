import {escapeHtml} from '../messages/html.ts';
import type {Answer, Call, Command, Desk} from './command.ts';
import {checkLine} from './lines.ts';
import {pickCheck} from './names.ts';

const run: Command = {
  name: 'run',
  role: 'operator',
  usage: 'NAME',
  example: 'NAME',
  summary: (words) => words.help.run,
  run: (call, desk) => {
    const picked = pickCheck(run, {name: call.text}, desk.view(), {call, desk});
    if ('answer' in picked) return picked.answer;
    const {name} = picked.check.config;
    const lines = [`⏳ ${escapeHtml(desk.words.run.running(name))}`];
    return {lines, events: [], later: () => result(name, call, desk)};
  },
};
export default run;

/** What the run found is counted like that of any other. */
async function result(name: string, call: Call, desk: Desk): Promise<Answer> {
  const hasRun = await desk.runNow(name);
  const check = desk.view().find(({config}) => config.name === name);
  if (!hasRun || !check) return {lines: [escapeHtml(desk.words.run.notRunning(name))]};
  return {lines: [checkLine(check, call, desk)], buttons: [[{label: name, press: `check ${name}`}]]};
}
