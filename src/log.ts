import {join} from 'node:path';
import pino, {type DestinationStream, type Logger} from 'pino';
import type {Config} from './config/config.ts';
import {LOG_MODULES, type LogModule} from './config/logging.ts';
import type {Redact} from './config/redact.ts';
import {type LogFile, openLogFile} from './log/file.ts';
import {createPretty} from './log/pretty.ts';
import {createRecent} from './log/recent.ts';

type LogSettings = Pick<Config, 'logging' | 'dataDir'>;

/** The log of the whole program; docs/logs.md lists what it says. */
export interface Logs {
  /** The logger of one part of the program, with a level of its own. */
  of(module: LogModule): Logger;
  /** Where it is written now: a file's path, or undefined. */
  file(): string | undefined;
  /** Goes on with other settings. */
  apply(settings: LogSettings): void;
  /** The newest lines, oldest first, as JSON without secrets. */
  recent(): readonly string[];
}

/**
 * One JSON object a line. On a terminal, where people talk to the console, it goes to a file, and warnings and errors are
 * shown above what is being typed; elsewhere it goes to standard output, and to a file too where the config names one. Known
 * secrets are struck out of each line before it goes anywhere, whatever brought them in.
 */
export function createLogs(use: {
  readonly settings: LogSettings;
  readonly redact: Redact;
  readonly server: string;
  /** Prints to the terminal; undefined where there is none. */
  readonly print: ((text: string) => void) | undefined;
}): Logs {
  const {redact, server, print} = use;
  const recent = createRecent();
  const show = print && createPretty(print, !process.env.NO_COLOR);
  const stdout = show ? undefined : openStdout();
  let file: LogFile | undefined;
  // pino says the level of the line that it writes to whoever has this symbol.
  const stream: DestinationStream & {lastLevel: number} = Object.assign(
    {
      lastLevel: 0,
      write(raw: string) {
        // Before the file is written to: where it cannot be, that is a line too.
        const isShown = this.lastLevel >= SHOWN_FROM;
        const line = redact(raw);
        recent.add(line);
        file?.write(line);
        stdout?.write(line);
        if (isShown) show?.(line);
      },
    },
    {[pino.symbols.needsMetadataGsym]: true},
  );
  const options = {timestamp: pino.stdTimeFunctions.isoTime, formatters: {level: (level: string) => ({level})}};
  const root = pino({base: {server}, ...options}, stream);
  const loggers = new Map(LOG_MODULES.map((module) => [module, root.child({module})]));
  const of = (module: LogModule) => loggers.get(module) ?? root;

  const apply = ({logging, dataDir}: LogSettings) => {
    for (const [module, logger] of loggers) logger.level = logging.levels[module] ?? logging.level;
    const path = logging.file ?? (show ? join(dataDir, 'vakhta.log') : 'off');
    file?.close();
    file = path === 'off' ? undefined : openLogFile({...logging, path, ...newsOf(of('main'), path)});
  };
  apply(use.settings);
  return {of, apply, file: () => file?.path, recent: recent.lines};
}

const SHOWN_FROM = pino.levels.values.warn ?? 40;

/** Of a file that cannot be written, the other places of the log are told. */
function newsOf(log: Logger, file: string): Pick<Parameters<typeof openLogFile>[0], 'onLost' | 'onBack' | 'onStuck'> {
  return {
    onLost: (reason) => log.error({file, reason}, 'the log file cannot be written'),
    onStuck: (reason) => log.warn({file, reason}, 'the log file cannot be rotated'),
    onBack: (lost) => log.warn({file, lost}, 'the log file is written again'),
  };
}

const CRASHED = 1;

/**
 * A bug that nobody caught ends the program, as its state is then unknown; whoever started it starts it again. Node would
 * print the error as it is, and its text may quote a secret. What escapes from a custom check is no bug of ours.
 */
export function logCrash(log: Logger, strayCheck: () => string | undefined = () => undefined): void {
  process.on('uncaughtException', (error) => {
    const check = strayCheck();
    if (check !== undefined) return log.error({err: error, check}, 'a custom check let an exception escape');
    log.fatal({err: error}, 'a bug ends the program');
    process.stderr.write('vakhta: a bug ends the program; its log says more\n');
    process.exit(CRASHED);
  });
}

const STDOUT = 1;
/** What waits for a reader that does not read; more is dropped. */
const WAITING_CHARS_MAX = 1024 ** 2;

/** A closed pipe must not end the program: what cannot be logged is not logged. */
function openStdout(): DestinationStream {
  const destination = pino.destination({dest: STDOUT, sync: true, maxLength: WAITING_CHARS_MAX});
  destination.on('error', () => {});
  return destination;
}
