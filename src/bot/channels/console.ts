import {plainText} from '../messages/html.ts';
import {render} from '../messages/render.ts';
import type {Channel, ChannelKind, ChannelUse, Delivery} from './channel.ts';

/** The terminal, or whatever reads our output. A line cannot be edited, so only the edits that say something are printed. */
export function createConsoleChannel(use: Pick<ChannelUse, 'reader' | 'clock' | 'print'>, name: string): Channel {
  return {
    name,
    deliver: async ({row, message}: Delivery) => {
      const quiet = message.kind === 'edit' && (message.reason === 'recovered' || message.reason === 'targets_changed');
      if (!quiet) {
        const now = use.clock.now();
        const repeated = row.inDoubt ? ` ${use.reader.words.mark.repeated}` : '';
        use.print(
          `${use.reader.format.time(now, now)}  ${indent(plainText(render(message, use.reader, now)))}${repeated}`,
        );
      }
      return {kind: 'delivered'};
    },
  };
}

const kind: ChannelKind<'console'> = {
  type: 'console',
  create: ({name}, use) => createConsoleChannel(use, name),
};

export default kind;

function indent(text: string): string {
  return text.replace(/\n/g, '\n          ');
}
