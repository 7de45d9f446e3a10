import {spawn} from 'node:child_process';
import {join, resolve} from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

export interface Play {
  readonly code: number;
  /** Standard output and standard error. */
  readonly output: string;
  /** The recap, by host. */
  readonly hosts: ReadonlyMap<string, {readonly changed: number; readonly failed: number}>;
}

/** Runs site.yml as an administrator would, in ansible/. Resolves whatever comes of it. */
export async function play(work: string, ...args: readonly string[]): Promise<Play> {
  const {code, output} = await call(work, 'ansible-playbook', [
    '-i',
    join(work, 'inventory.json'),
    'site.yml',
    ...args,
  ]);
  const recap = output.matchAll(/^(\S+)\s+: ok=\d+\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)/gm);
  const hosts = [...recap].map(
    ([, host = '', changed, unreachable, failed]) =>
      [host, {changed: Number(changed), failed: Number(unreachable) + Number(failed)}] as const,
  );
  return {code, output, hosts: new Map(hosts)};
}

/** Runs a program of Ansible's in ansible/, with all that it keeps in the test's own folder. */
export function call(
  work: string,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{readonly code: number; readonly output: string}> {
  const home = {
    HOME: join(work, 'home'),
    ANSIBLE_HOME: join(work, 'ansible'),
    ANSIBLE_LOCAL_TEMP: join(work, 'ansible/tmp'),
  };
  const child = spawn(program, args, {
    cwd: join(ROOT, 'ansible'),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {...process.env, ...home, ANSIBLE_NOCOLOR: '1', ANSIBLE_FORCE_COLOR: '0', ...env},
  });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));
  return new Promise((done) => {
    child.on('error', (error) => done({code: -1, output: `${output}${error.message}`}));
    child.on('close', (code) => done({code: code ?? -1, output}));
  });
}
