import type {Command} from './command.ts';

const reload: Command = {
  name: 'reload',
  role: 'admin',
  everywhere: true,
  usage: '',
  summary: (words) => words.help.reload,
  // What comes of it is told by a notice, as it is when the file itself was changed.
  run: (_call, desk) => ({lines: [desk.words.reload.begun], events: [], afterwards: desk.reload}),
};
export default reload;
