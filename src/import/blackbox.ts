import {moduleOf} from './blackbox-module.ts';
import {allowedName, type Draft} from './draft.ts';
import {asFields, asList, compact, type Fields, isFields, textOf} from './fields.ts';
import type {Format, Source} from './format.ts';
import {goDuration, LIMITS} from './timing.ts';

/** The module that blackbox_exporter takes where the job names none. */
const USUAL_MODULE = 'http_2xx';

export const blackbox: Format = {
  title: 'Prometheus with blackbox_exporter: blackbox.yml and prometheus.yml, two files',
  files: 2,
  matches: (sources) => sources.some(isModules) || sources.some(isScraping),
  read: (sources, draft) => {
    const modules = asFields(asFields(sources.find(isModules)?.yaml).modules);
    const scraping = asFields(sources.find(isScraping)?.yaml);
    if (!sources.some(isModules)) return 'neither file has modules:, as blackbox.yml does';
    if (!sources.some(isScraping)) return 'neither file has scrape_configs:, as prometheus.yml does';
    const general = asFields(scraping.global);
    draft.set('defaults', compact({interval: goDuration(general.scrape_interval, LIMITS.interval) ?? '1m'}));
    for (const job of asList(scraping.scrape_configs).map(asFields)) readJob({...general, ...job}, modules, draft);
    if (scraping.rule_files !== undefined)
      draft.lacks('rule_files: for: is fail_after here (its time by the interval), labels and receivers are alerts:');
    return undefined;
  },
};

function isModules({yaml}: Source): boolean {
  return isFields(asFields(yaml).modules);
}

function isScraping({yaml}: Source): boolean {
  return Array.isArray(asFields(yaml).scrape_configs);
}

function readJob(job: Fields, modules: Fields, draft: Draft): void {
  const name = textOf(job.job_name) ?? 'job';
  const params = asFields(job.params);
  if (job.metrics_path !== '/probe' && params.module === undefined) {
    draft.lacks(`job ${JSON.stringify(name)}: it scrapes figures and asks no blackbox_exporter`);
    return;
  }
  for (const key of Object.keys(job).filter((key) => key.endsWith('_sd_configs')))
    draft.lacks(`job ${JSON.stringify(name)}: its targets of ${key} are to be added by hand`);
  const moduleName = textOf(asList(params.module)[0]) ?? USUAL_MODULE;
  const module = modules[moduleName];
  if (!isFields(module)) {
    draft.lacks(`job ${JSON.stringify(name)}: there is no module ${JSON.stringify(moduleName)}`);
    return;
  }
  const targets = asList(job.static_configs).flatMap((group) => asList(asFields(group).targets).map(String));
  const common = compact({
    interval: ownInterval(job, draft),
    timeout: goDuration(module.timeout ?? job.scrape_timeout, LIMITS.timeout),
  });
  if (module.prober === 'icmp') return readPings(name, targets, common, draft);
  const group = allowedName(name) || undefined;
  for (const target of targets) {
    const check = moduleOf(moduleName, module, target, draft);
    if (typeof check === 'string') draft.lacks(`${target} of job ${JSON.stringify(name)}: ${check}`);
    else draft.check(shortName(target), compact({...check.keys, ...common, group}), check.comments);
  }
}

function ownInterval(job: Fields, draft: Draft): string | undefined {
  const own = goDuration(job.scrape_interval, LIMITS.interval);
  return own === draft.top.get('defaults')?.keys.interval ? undefined : own;
}

/** One check of many addresses: one incident, and one fping. */
function readPings(name: string, targets: readonly string[], common: Fields, draft: Draft): void {
  if (targets.length > 0) draft.check(name, {type: 'terminals', addresses: targets, ...common});
}

/** `https://shop.example/health` is `shop.example-health`. */
function shortName(target: string): string {
  const bare = target
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/[?#].*$/, '')
    .replace(/\/$/, '');
  return bare.replace(/^[^@/]*@/, '');
}
