import {createInterface} from 'node:readline';
import type {Clock} from '../clock.ts';
import {CONSOLE_PERSON, CONSOLE_ROLE, type OrderDesk} from './desk.ts';
import {plainText} from './messages/html.ts';

/** The console as a chat: it prints, and where somebody sits at it, it takes orders. */
export interface Terminal {
  print(text: string): void;
  /** Begins to take orders; `onEnd` is called on Ctrl-C and on Ctrl-D. */
  listen(use: {desk: OrderDesk; clock: Clock; onEnd: () => void}): void;
  close(): void;
}

type Input = NodeJS.ReadStream;
type Output = NodeJS.WriteStream;

export function createTerminal(input: Input, output: Output): Terminal {
  // A reader that went away (a closed pipe) must not end the program.
  output.on('error', () => {});
  if (!input.isTTY) return {print: (text) => void output.write(`${text}\n`), listen: () => {}, close: () => {}};
  const lines = createInterface({input, output, prompt: '> '});
  const print = (text: string) => {
    // Back to the line's start and clear it, so that what is being typed moves below the news.
    output.write(`\r\u001b[K${text}\n`);
    lines.prompt(true);
  };
  return {
    print,
    listen: ({desk, clock, onEnd}) => {
      lines.on('line', (line) => {
        const said = take(line.trim(), desk, clock);
        if (said !== '') print(said);
        else lines.prompt();
      });
      lines.on('SIGINT', onEnd);
      lines.on('close', onEnd);
      lines.prompt();
    },
    close: () => {
      lines.removeAllListeners('close');
      lines.close();
    },
  };
}

function take(line: string, desk: OrderDesk, clock: Clock): string {
  if (line === '') return '';
  const [, name = '', text = ''] = /^\/?(\S+)\s*([\s\S]*)$/.exec(line) ?? [];
  const call = {person: CONSOLE_PERSON, role: CONSOLE_ROLE, text: text.trim(), now: clock.now()};
  const answer = desk.take(name.toLowerCase(), call);
  return plainText(answer.lines.join('\n'));
}
