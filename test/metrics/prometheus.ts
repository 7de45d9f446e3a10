import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {needs} from '../support/packages.ts';
import {freePort, startServer, stopServer} from '../support/processes.ts';

/** For tests that need Debian's prometheus, which brings promtool too: skipped, saying why, without it. */
export const needsPrometheus = needs('prometheus');

export interface Prometheus {
  /** What its HTTP API says under this path: the `data` of the answer; throws with its own words for an error. */
  api<T>(path: string, parameters?: Record<string, string>): Promise<T>;
}

/** A Prometheus of its own, with this config.yml, in a folder that goes with the test. */
export async function startPrometheus(context: TestContext, config: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-prometheus-'));
  writeFileSync(join(folder, 'prometheus.yml'), config);
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const isReady = () =>
    fetch(`${base}/-/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
  const flags = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  const child = await startServer(['prometheus', ...flags, `--web.listen-address=127.0.0.1:${port}`], isReady, {});
  context.after(async () => {
    await stopServer(child, 'SIGTERM');
    rmSync(folder, {recursive: true, force: true});
  });
  return {
    api: async <T>(path: string, parameters: Record<string, string> = {}) => {
      const answer = await fetch(`${base}/api/v1/${path}?${new URLSearchParams(parameters)}`);
      const body = (await answer.json()) as {status: string; data: T; error?: string};
      if (body.status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${body.error}`);
      return body.data;
    },
  };
}
