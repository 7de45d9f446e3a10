import {readdir, readFile} from 'node:fs/promises';
import {basename} from 'node:path';

/** So many files of /proc are read at once: enough to be quick, and other work still gets its turn. */
const AT_ONCE = 32;
/** The kernel keeps so much of a process's name (proc(5), /proc/pid/comm). */
const COMM_CHARS_MAX = 15;
/** Of these, the script that they run gives the name too. */
const INTERPRETER = /^(?:node|python|perl|ruby|php|bash|sh|dash)[\d.]*$/;

/** How many processes run under each of these names; zombies do not run. */
export async function countProcesses(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const counts = new Map(names.map((name) => [name, 0]));
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  for (let from = 0; from < pids.length; from += AT_ONCE) {
    const some = await Promise.all(pids.slice(from, from + AT_ONCE).map(readNames));
    for (const known of some)
      for (const name of names) {
        if (known.has(name) || known.has(`comm:${name.slice(0, COMM_CHARS_MAX)}`))
          counts.set(name, (counts.get(name) ?? 0) + 1);
      }
  }
  return counts;
}

/** A process may end while it is looked at: then it has no names. */
async function readNames(pid: string): Promise<ReadonlySet<string>> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const [, comm = '', state = 'X'] = /^\d+ \((.*)\) (\S)/s.exec(stat) ?? [];
  if (state === 'Z' || state === 'X') return new Set();
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const [program = '', ...rest] = line.split('\0');
  // Some write a title over their arguments: `nginx: master process /usr/sbin/nginx`.
  const own = basename(program.split(/:? /, 1)[0] ?? '').replace(/^-/, '');
  const script = INTERPRETER.test(own) ? rest.find((word) => !word.startsWith('-')) : undefined;
  return new Set([`comm:${comm}`, own, ...(script ? [basename(script)] : [])]);
}
