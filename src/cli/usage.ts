import {didYouMean} from '../config/suggest.ts';

/** What one subcommand takes, and the words of its `--help`. */
interface Usage {
  readonly synopsis: string;
  /** One line, for the list of all commands. */
  readonly summary: string;
  /** How many words may follow the command's name. */
  readonly wordsMax: number;
  readonly options: readonly Option[];
  readonly example: string;
  readonly exitCodes: string;
}

/** An option's name without its dashes. */
export type Option = 'config' | 'json' | 'at' | 'observations' | 'history' | 'until' | 'env' | 'help';

const OPTIONS: Record<Option, readonly [form: string, meaning: string]> = {
  config: ['--config FILE', 'the config, ./config.yaml where it is left out'],
  json: ['--json', 'one JSON object a line: check, target (where there is one), result, reason, latencyMs'],
  at: ['--at ISO', 'another moment than now, with its zone: 2026-11-20T09:00:00Z'],
  observations: [
    '--observations FILE',
    'what was seen, in time order: {"at": "2026-11-20T09:00:00Z", "check": "api", "ok": false, "reason": "HTTP 503"} a line',
  ],
  history: ['--history DURATION', 'this server’s own observations of that time, 7d say, in place of a file'],
  until: ['--until WHEN', 'the simulated clock runs on for so long (1d where it is left out) or until then (ISO)'],
  env: ['--env FILE', 'where the secrets go, in place of .env beside the config; a file that is there is left alone'],
  help: ['--help, -h', 'this text'],
};

const CONFIG_CODES = '0 fine, 2 something is wrong with the config or the arguments';

const USAGES = {
  run: {
    synopsis: 'run',
    summary: 'watch what config.yaml says, until Ctrl-C',
    wordsMax: 0,
    options: ['config'],
    example: 'vakhta run --config /etc/vakhta/config.yaml',
    exitCodes: `${CONFIG_CODES}, or data_dir is another vakhta's`,
  },
  check: {
    synopsis: 'check [NAME…] [--json]',
    summary: 'run checks once: those named, or all',
    wordsMax: Number.POSITIVE_INFINITY,
    options: ['json', 'config'],
    example: 'vakhta check billing-api --json',
    exitCodes: '0 all is well, 1 a check failed, 2 something is wrong with the config or the arguments',
  },
  validate: {
    synopsis: 'validate',
    summary: 'say what is wrong with config.yaml, and where',
    wordsMax: 0,
    options: ['config'],
    example: 'vakhta validate --config new.yaml',
    exitCodes: CONFIG_CODES,
  },
  window: {
    synopsis: 'window NAME [--at ISO]',
    summary: 'is this window open, since when and until when',
    wordsMax: 1,
    options: ['at', 'config'],
    example: 'vakhta window working-hours --at 2026-11-20T09:00:00+03:00',
    exitCodes: CONFIG_CODES,
  },
  simulate: {
    synopsis: 'simulate --observations FILE | --history DURATION',
    summary: 'say what would have happened, one JSON object a line',
    wordsMax: 0,
    options: ['observations', 'history', 'until', 'config'],
    example: 'vakhta simulate --config new.yaml --history 7d',
    exitCodes: '0 fine, 2 something is wrong with the config, the arguments or the observations',
  },
  why: {
    synopsis: 'why NAME',
    summary: 'say how a check is, and why people hear of it or do not',
    wordsMax: 1,
    options: ['config'],
    example: 'vakhta why billing-api',
    exitCodes: CONFIG_CODES,
  },
  import: {
    synopsis: 'import FILE [FILE] [--env FILE]',
    summary: 'print a config.yaml that does what another program was told to',
    wordsMax: 2,
    options: ['env', 'config'],
    example: 'vakhta import kuma.db > config.yaml',
    exitCodes: '0 fine, 2 the file was not recognised, or the secrets cannot be written',
  },
  audit: {
    synopsis: 'audit',
    summary: 'print who ordered what, the oldest first, one JSON object a line',
    wordsMax: 0,
    options: ['config'],
    example: 'vakhta audit | tail -n 20',
    exitCodes: CONFIG_CODES,
  },
  version: {
    synopsis: 'version',
    summary: 'which vakhta this is, and which Node it runs on',
    wordsMax: 0,
    options: [],
    example: 'vakhta version',
    exitCodes: CONFIG_CODES,
  },
} satisfies Record<string, Usage>;

export type Command = keyof typeof USAGES;

export function isCommand(name: string): name is Command {
  return Object.hasOwn(USAGES, name);
}

/** `vakhta --help` */
export function programHelp(): string {
  const rows = Object.values(USAGES).map(({synopsis, summary}) => [`vakhta ${synopsis}`, summary] as const);
  return [
    'vakhta: an operations console that lives in Telegram\n',
    ...table(rows),
    '\nEach takes --config FILE (default ./config.yaml) where it reads one, and --help.\n',
  ].join('\n');
}

/** `vakhta check --help` */
export function commandHelp(command: Command): string {
  const {synopsis, summary, options, example, exitCodes}: Usage = USAGES[command];
  return [
    `vakhta ${synopsis}: ${summary}\n`,
    'Options:',
    ...table([...options, 'help' as const].map((option) => OPTIONS[option])),
    `\nExample:\n  ${example}`,
    `\nExit codes: ${exitCodes}\n`,
  ].join('\n');
}

/** What these words and options have no business with this command, as the rest of a sentence; undefined: nothing. */
export function misuse(command: Command, words: readonly string[], given: readonly Option[]): string | undefined {
  const {wordsMax, options}: Usage = USAGES[command];
  const stray = given.find((option) => option !== 'help' && !options.includes(option));
  if (stray !== undefined) return `${command} takes no --${stray}${seeHelp(command)}`;
  if (words.length <= wordsMax) return undefined;
  return `${command} does not know what to do with ${words[wordsMax]}${seeHelp(command)}`;
}

export function unknownCommand(name: string): string {
  return `there is no command ${name}${didYouMean(name, Object.keys(USAGES))}${seeHelp()}`;
}

export function unknownOption(option: string): string {
  const known = Object.keys(OPTIONS).map((name) => `--${name}`);
  return `there is no option ${option}${didYouMean(option, known)}${seeHelp()}`;
}

export function seeHelp(command?: Command): string {
  return `; see vakhta ${command === undefined ? '' : `${command} `}--help`;
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
