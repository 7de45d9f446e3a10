import type {Draft} from './draft.ts';
import {asFields, asList, type Fields, isFields, isOn} from './fields.ts';
import type {Format} from './format.ts';
import {readKumaDatabase} from './kuma-database.ts';
import {readMaintenance} from './kuma-maintenance.ts';
import {readMonitors} from './kuma-monitors.ts';
import {readNotifications} from './kuma-notifications.ts';

/** What both forms of Uptime Kuma's data come to; every monitor has the names of the database's columns. */
export interface Kuma {
  readonly monitors: readonly Fields[];
  readonly notifications: readonly Fields[];
  /** Ids of notifications by a monitor's id. */
  readonly told: ReadonlyMap<number, readonly number[]>;
  /** `shop`, `team=shop`, by a monitor's id. */
  readonly tags: ReadonlyMap<number, readonly string[]>;
  readonly proxies: ReadonlyMap<number, Fields>;
  readonly maintenances: readonly Fields[];
  /** Ids of monitors by a maintenance's id. */
  readonly maintained: ReadonlyMap<number, readonly number[]>;
  readonly timezone: string | undefined;
}

/** The first bytes of every SQLite file. */
const SQLITE = 'SQLite format 3\0';

export const kumaDatabase: Format = {
  title: 'Uptime Kuma 2: kuma.db',
  files: 1,
  matches: ([source]) => source?.bytes.subarray(0, SQLITE.length).toString('latin1') === SQLITE,
  read: ([source], draft) => {
    const kuma = readKumaDatabase(source?.path ?? '');
    return typeof kuma === 'string' ? kuma : readKuma(kuma, draft);
  },
};

export const kumaBackup: Format = {
  title: 'Uptime Kuma 1: a backup (JSON)',
  files: 1,
  matches: ([source]) => Array.isArray(asFields(source?.json).monitorList),
  read: ([source], draft) => readKuma(fromBackup(asFields(source?.json)), draft),
};

function readKuma(kuma: Kuma, draft: Draft): undefined {
  draft.set('defaults', {fail_after: 1, recover_after: 1}, ['Kuma tells of the first failure after its retries']);
  const channels = readNotifications(kuma, draft);
  const names = readMonitors(kuma, channels, draft);
  readMaintenance(kuma, names, draft);
}

/** A backup has the same data in the form of Kuma's own JSON. */
function fromBackup(root: Fields): Kuma {
  const monitors = asList(root.monitorList).map(asFields).map(columnsOf);
  const byId = <T>(pick: (monitor: Fields) => T) => new Map(monitors.map((one) => [Number(one.id), pick(one)]));
  return {
    monitors,
    notifications: asList(root.notificationList).map(asFields),
    told: byId(({notification_id_list: list}) =>
      Object.entries(asFields(list)).flatMap(([id, on]) => (isOn(on) ? [Number(id)] : [])),
    ),
    tags: byId(({tags}) =>
      asList(tags)
        .map(asFields)
        .map(({name, value}) => (value ? `${name}=${value}` : String(name))),
    ),
    proxies: new Map(asList(root.proxyList).map((one) => [Number(asFields(one).id), asFields(one)])),
    maintenances: [],
    maintained: new Map(),
    timezone: undefined,
  };
}

/** `retryInterval` is `retry_interval` in the database; lists and maps are JSON there. */
function columnsOf(monitor: Fields): Fields {
  const entries = Object.entries(monitor).map(([key, value]): [string, unknown] => {
    const column =
      RENAMED[key] ??
      key.replace(/([a-z])([A-Z]+)/g, (_, before: string, upper: string) => `${before}_${upper}`).toLowerCase();
    const isJson = column.endsWith('_json') || (column === 'headers' && isFields(value));
    return [column, isJson && typeof value !== 'string' ? JSON.stringify(value) : value];
  });
  return Object.fromEntries(entries);
}

const RENAMED: Readonly<Record<string, string>> = {
  accepted_statuscodes: 'accepted_statuscodes_json',
  notificationIDList: 'notification_id_list',
};
