import {createInterface, type Interface} from 'node:readline';
import type {Clock} from '../clock.ts';
import {parsePress} from './buttons.ts';
import type {Answer} from './commands/command.ts';
import {CONFIRM_MS, CONSOLE_PERSON, CONSOLE_ROLE, type OrderDesk} from './desk.ts';
import {plainText} from './messages/html.ts';

/** The console as a chat: it prints, and where somebody sits at it, it takes orders. */
export interface Terminal {
  print(text: string): void;
  /** Begins to take orders; `onEnd` is called on Ctrl-C and on Ctrl-D. */
  listen(use: {desk: Pick<OrderDesk, 'take'>; clock: Clock; onEnd: () => void}): void;
  close(): void;
}

type Input = NodeJS.ReadStream;
type Output = NodeJS.WriteStream;

export function createTerminal(input: Input, output: Output): Terminal {
  // A reader that went away (a closed pipe) must not end the program.
  output.on('error', () => {});
  let lines: Interface | undefined;
  const print = (text: string) => {
    // Back to the line's start and clear it, so that what is being typed moves below the news.
    output.write(lines ? `\r\u001b[K${text}\n` : `${text}\n`);
    lines?.prompt(true);
  };
  return {
    print,
    listen: ({desk, clock, onEnd}) => {
      if (!input.isTTY) return;
      const opened = createInterface({input, output, prompt: '> '});
      lines = opened;
      const take = createTaker(desk, clock, ({lines: said}) => {
        if (said.length > 0) print(plainText(said.join('\n')));
        else opened.prompt();
      });
      opened.on('line', (line) => (line.trim() === '' ? opened.prompt() : take(line.trim())));
      opened.on('SIGINT', onEnd);
      opened.on('close', onEnd);
      opened.prompt();
    },
    close: () => {
      lines?.removeAllListeners('close');
      lines?.close();
      lines = undefined;
    },
  };
}

/** What is typed, and the question that waits for a yes. */
function createTaker(
  desk: Pick<OrderDesk, 'take'>,
  clock: Clock,
  say: (answer: Answer) => void,
): (line: string) => void {
  let asked: {readonly line: string; readonly until: number} | undefined;
  return (line) => {
    const question = asked;
    asked = undefined;
    const isYes = question !== undefined && /^yes$/i.test(line) && clock.monotonic() < question.until;
    const isNo = question !== undefined && /^no$/i.test(line);
    const {command, text} = parsePress(isNo ? '' : (isYes ? question.line : line).replace(/^\//, ''));
    const confirmed = isYes ? {confirmed: true as const} : {};
    const call = {person: CONSOLE_PERSON, role: CONSOLE_ROLE, text: text.trim(), now: clock.now(), ...confirmed};
    const {rest, ...answer} = desk.take(command.toLowerCase(), call);
    if (answer.confirm) asked = {line, until: clock.monotonic() + CONFIRM_MS};
    say(answer);
    void rest?.then(say);
  };
}
