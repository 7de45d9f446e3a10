import {kinds} from '../checks/index.ts';
import {addressesOf, emailChannel, telegramChannel} from './channels.ts';
import {allowedName, type Draft} from './draft.ts';
import {asFields, asList, compact, type Fields, isFields, isOn, numberOf, textOf} from './fields.ts';
import type {Format} from './format.ts';
import {endpointOf} from './gatus-endpoint.ts';
import {readGatusMaintenance} from './gatus-maintenance.ts';
import {goDuration, LIMITS, times} from './timing.ts';

export const gatus: Format = {
  title: 'Gatus: config.yaml with endpoints',
  files: 1,
  matches: ([source]) => {
    const root = asFields(source?.yaml);
    return (Array.isArray(root.endpoints) || Array.isArray(root['external-endpoints'])) && !isFields(root.checks);
  },
  read: ([source], draft) => {
    const root = asFields(withVariables(asFields(source?.yaml), draft));
    const alerting = asFields(root.alerting);
    const channels = readAlerting(alerting, draft);
    draft.set('defaults', {interval: '1m', fail_after: 3, recover_after: 2}, [
      'What Gatus does where nothing else is said',
    ]);
    for (const endpoint of asList(root.endpoints).map(asFields)) readEndpoint(endpoint, {alerting, channels, draft});
    for (const endpoint of asList(root['external-endpoints']).map(asFields)) readExternal(endpoint, draft);
    readGatusMaintenance(asFields(root.maintenance), draft);
    for (const key of ['suites', 'remote', 'announcements']) if (root[key] !== undefined) draft.lacks(`${key}:`);
    return undefined;
  },
};

/** Gatus fills `${NAME}` in as Vakhta does, wherever it stands. */
function withVariables(value: unknown, draft: Draft): unknown {
  if (typeof value === 'string') return draft.secrets.name(value);
  if (Array.isArray(value)) return value.map((one) => withVariables(one, draft));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withVariables(one, draft)]));
}

function readAlerting(alerting: Fields, draft: Draft): ReadonlyMap<string, string> {
  const channels = new Map<string, string>();
  for (const [type, value] of Object.entries(alerting)) {
    const settings = asFields(value);
    const channel = channelOf(type, settings, draft);
    if (channel !== undefined) channels.set(type, channel);
    if (asList(settings.overrides).length > 0)
      draft.lacks(`alerting.${type}.overrides: give those checks alerts: of their own`);
  }
  return channels;
}

function channelOf(type: string, settings: Fields, draft: Draft): string | undefined {
  const read = (key: string) => textOf(settings[key]);
  switch (type) {
    case 'telegram':
      return telegramChannel(draft, {
        name: type,
        token: read('token'),
        chatId: settings.id,
        threadId: settings['topic-id'],
      });
    case 'email': {
      const port = numberOf(settings.port);
      const tls = port === 465 ? 'tls' : 'starttls';
      const login = {user: read('username') ?? read('from'), password: read('password')};
      return emailChannel(draft, {
        name: type,
        host: read('host'),
        port,
        tls,
        ...login,
        from: read('from'),
        to: addressesOf(read('to')),
      });
    }
    default:
      draft.lacks(`alerting.${type}`);
      return undefined;
  }
}

interface Use {
  readonly alerting: Fields;
  readonly channels: ReadonlyMap<string, string>;
  readonly draft: Draft;
}

function readEndpoint(endpoint: Fields, use: Use): void {
  const {draft} = use;
  const name = textOf(endpoint.name) ?? 'endpoint';
  const group = textOf(endpoint.group);
  const said = `endpoint ${JSON.stringify(group === undefined ? name : `${group}/${name}`)}`;
  if (endpoint.enabled === false) return draft.lacks(`${said} is switched off, and so left out`);
  const kind = endpointOf(endpoint, name, draft);
  if (typeof kind === 'string') return draft.lacks(`${said}: ${kind}`);
  const client = asFields(endpoint.client);
  const alerts = alertsOf(endpoint, use);
  const keys = {
    ...kind.keys,
    interval: goDuration(endpoint.interval, LIMITS.interval),
    timeout: goDuration(client.timeout, LIMITS.timeout),
    ...alerts.keys,
    group: group === undefined ? undefined : allowedName(group) || undefined,
  };
  draft.check(name, compact(keys), [...kind.comments, ...alerts.comments]);
}

const FAIL_AFTER = 3;
const RECOVER_AFTER = 2;

/** Each alert of Gatus has its own thresholds; a check has one of each, so the smallest counts. */
function alertsOf(endpoint: Fields, {alerting, channels, draft}: Use): {keys: Fields; comments: string[]} {
  const alerts = asList(endpoint.alerts)
    .map(asFields)
    .map(
      (alert) => ({...asFields(asFields(alerting[String(alert.type)])['default-alert']), ...compact(alert)}) as Fields,
    )
    .filter((alert) => alert.enabled !== false);
  if (alerts.length === 0) {
    const silent = draft.channels.has('silent')
      ? 'silent'
      : draft.channel('silent', {type: 'console'}, [
          'For endpoints without alerts: they are printed, and sent to nobody',
        ]);
    return {keys: {alerts: {to: [silent]}}, comments: []};
  }
  const fail = Math.min(...alerts.map((alert) => times(alert['failure-threshold'], 10_000) ?? FAIL_AFTER));
  const recover = Math.min(...alerts.map((alert) => times(alert['success-threshold'], 10_000) ?? RECOVER_AFTER));
  const to = [...new Set(alerts.flatMap(({type}) => channels.get(String(type)) ?? []))];
  const reminder = alerts
    .map((alert) => goDuration(alert['minimum-reminder-interval'], LIMITS.repeatEvery))
    .find(Boolean);
  const descriptions = alerts.flatMap(({description}) => textOf(description) ?? []);
  const quietEnd = alerts.some((alert) => !isOn(alert['send-on-resolved']));
  return {
    keys: {
      fail_after: fail === FAIL_AFTER ? undefined : fail,
      recover_after: recover === RECOVER_AFTER ? undefined : recover,
      ...((to.length > 0 || reminder) && {
        alerts: compact({to: to.length > 0 ? to : undefined, repeat_every: reminder}),
      }),
      comment: descriptions.length > 0 ? [...new Set(descriptions)].join('; ').slice(0, 1_000) : undefined,
    },
    comments: quietEnd ? ['Gatus did not tell when it was over (send-on-resolved); Vakhta does'] : [],
  };
}

function readExternal(endpoint: Fields, draft: Draft): void {
  const name = textOf(endpoint.name) ?? 'external';
  const period = goDuration(asFields(endpoint.heartbeat).interval, LIMITS.interval);
  if (!kinds.has('heartbeat') || period === undefined) {
    draft.lacks(
      `external endpoint ${JSON.stringify(name)}: ${period === undefined ? 'without heartbeat.interval nobody would notice its silence' : 'Vakhta waits for no reports'}`,
    );
    return;
  }
  const token = textOf(endpoint.token);
  const comments = ['Its reports go to another address here: /ping/ID, and /ping/ID/fail'];
  draft.check(
    name,
    compact({type: 'heartbeat', id: token && draft.secrets.put(`${name} id`, token), period}),
    comments,
  );
}
