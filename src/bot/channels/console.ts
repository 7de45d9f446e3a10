import type {Clock} from '../../clock.ts';
import {plainText} from '../messages/html.ts';
import {type Reader, render} from '../messages/render.ts';
import type {Channel, Delivery} from './channel.ts';

/** The terminal, or whatever reads our output. A line cannot be edited, so only the edits that say something are printed. */
export function createConsoleChannel(
  use: {readonly reader: Reader; readonly clock: Clock; readonly print: (text: string) => void},
  name: string,
): Channel {
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

function indent(text: string): string {
  return text.replace(/\n/g, '\n          ');
}
