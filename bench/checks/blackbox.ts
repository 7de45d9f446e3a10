import {spawn} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Pool} from 'undici';
import {closedPort, type Life} from '../../test/checks/servers.ts';
import {stopServer} from '../../test/support/processes.ts';
import {cpuOf, type Done} from './peers.ts';

const PROGRAM = '/usr/bin/prometheus-blackbox-exporter';
const AT_ONCE = 32;

/** Asks Debian's blackbox exporter to probe nginx as fast as it can; nothing where it is not installed. */
export async function runBlackbox(
  life: Life,
  target: number,
): Promise<((seconds: number) => Promise<Done>) | undefined> {
  if (!existsSync(PROGRAM)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-bench-'));
  life.after(() => rmSync(folder, {recursive: true}));
  const file = join(folder, 'blackbox.yml');
  writeFileSync(file, 'modules: {it: {prober: http, timeout: 5s, http: {fail_if_body_not_matches_regexp: ["ok"]}}}\n');
  const port = await closedPort();
  const args = [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'];
  const child = spawn(PROGRAM, args, {stdio: ['ignore', 'ignore', 'pipe']});
  life.after(() => stopServer(child, 'SIGKILL'));
  const pool = new Pool(`http://127.0.0.1:${port}`, {connections: AT_ONCE});
  life.after(() => pool.destroy());
  const probe = async () => {
    const answer = await pool.request({path: `/probe?module=it&target=http://127.0.0.1:${target}/`, method: 'GET'});
    if (!(await answer.body.text()).includes('\nprobe_success 1')) throw new Error('the blackbox exporter failed');
  };
  while (
    !(await probe().then(
      () => true,
      () => false,
    ))
  )
    await new Promise((resolve) => setTimeout(resolve, 100));
  return async (seconds) => {
    const before = cpuOf(child.pid ?? 0).own;
    const endAt = performance.now() + seconds * 1_000;
    let done = 0;
    const worker = async () => {
      for (; performance.now() < endAt; done++) await probe();
    };
    await Promise.all(Array.from({length: AT_ONCE}, worker));
    return {done, cpuMs: cpuOf(child.pid ?? 0).own - before};
  };
}
