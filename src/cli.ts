import {parseArgs} from 'node:util';
import type {Config} from './config/config.ts';
import {loadConfig} from './config/load.ts';
import {formatProblem} from './config/problems.ts';

/** Exit codes: fine; something is wrong with what is watched; something is wrong with the config or the arguments. */
const FINE = 0;
const WATCHED_IS_WRONG = 1;
const CONFIG_IS_WRONG = 2;

const HELP = `vakhta: an operations console that lives in Telegram

  vakhta run                     watch what config.yaml says, until Ctrl-C
  vakhta check [NAME…] [--json]  run checks once; exit code 1 when one failed
  vakhta validate                say what is wrong with config.yaml
  vakhta window NAME [--at ISO]  is this window open, since when and until when
  vakhta version

Options: --config FILE (default ./config.yaml), --help
`;

interface Invocation {
  readonly names: readonly string[];
  readonly file: string;
  readonly json: boolean;
  readonly at: string | undefined;
}

type Subcommand = (invocation: Invocation) => Promise<number>;

const SUBCOMMANDS: Record<string, Subcommand> = {
  run: async ({file}) => {
    const loaded = load(file);
    if (!loaded) return CONFIG_IS_WRONG;
    const {run} = await import('./main.ts');
    const refusal = await run(loaded.config, loaded.secrets);
    return refusal === undefined ? FINE : complain(refusal);
  },
  check: async ({file, names, json}) => {
    const loaded = load(file);
    if (!loaded) return CONFIG_IS_WRONG;
    const {checkOnce} = await import('./cli/check.ts');
    const outcome = await checkOnce(loaded.config, names, json);
    if (outcome.unknown.length > 0) return complain(`no check is called ${outcome.unknown.join(', ')}`);
    return outcome.failed ? WATCHED_IS_WRONG : FINE;
  },
  validate: async ({file}) => {
    const loaded = load(file);
    if (!loaded) return CONFIG_IS_WRONG;
    const {describeConfig} = await import('./config/describe.ts');
    process.stdout.write(`${describeConfig(loaded.config).join('\n')}\n`);
    return FINE;
  },
  window: async ({file, names, at}) => {
    const loaded = load(file);
    if (!loaded) return CONFIG_IS_WRONG;
    const {printWindow} = await import('./cli/window.ts');
    const problem = printWindow(loaded.config, names[0], at);
    return problem === undefined ? FINE : complain(problem);
  },
  version: async () => {
    const {default: manifest} = await import('../package.json', {with: {type: 'json'}});
    process.stdout.write(`vakhta ${manifest.version} (Node ${process.versions.node})\n`);
    return FINE;
  },
};

// Set rather than called with: a pipe that still has to be written must be written.
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const parsed = parse(args);
  if (typeof parsed === 'string') return complain(parsed);
  const {name, help, ...invocation} = parsed;
  if (help || name === undefined) {
    (help ? process.stdout : process.stderr).write(HELP);
    return help ? FINE : CONFIG_IS_WRONG;
  }
  const subcommand = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  return subcommand ? subcommand(invocation) : complain(`there is no command ${name}; vakhta --help lists them`);
}

function parse(args: readonly string[]): (Invocation & {name: string | undefined; help: boolean}) | string {
  try {
    const {values, positionals} = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: {type: 'string', default: './config.yaml'},
        json: {type: 'boolean', default: false},
        help: {type: 'boolean', short: 'h', default: false},
        at: {type: 'string'},
      },
    });
    const [name, ...names] = positionals;
    return {name, names, file: values.config, json: values.json, help: values.help, at: values.at};
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Problems and warnings go to standard error; undefined when there are problems. */
function load(file: string): {config: Config; secrets: readonly string[]} | undefined {
  const loaded = loadConfig(file, process.env);
  for (const problem of loaded.ok ? loaded.warnings : loaded.problems) {
    process.stderr.write(`${loaded.ok ? 'warning: ' : ''}${formatProblem(problem)}\n`);
  }
  return loaded.ok ? loaded : undefined;
}

function complain(message: string): number {
  process.stderr.write(`vakhta: ${message}\n`);
  return CONFIG_IS_WRONG;
}
