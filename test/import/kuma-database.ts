import {DatabaseSync} from 'node:sqlite';

/** The tables of an Uptime Kuma 2 database that matter here, with the columns of its own migrations. */
const SCHEMA = `
CREATE TABLE monitor (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(150), active BOOLEAN NOT NULL DEFAULT 1, user_id INTEGER,
  interval INTEGER NOT NULL DEFAULT 20, url TEXT, type VARCHAR(20), weight INTEGER DEFAULT 2000, hostname VARCHAR(255),
  port INTEGER, created_date DATETIME NOT NULL DEFAULT (DATETIME('now')), keyword VARCHAR(255),
  maxretries INTEGER NOT NULL DEFAULT 0, ignore_tls BOOLEAN NOT NULL DEFAULT 0, upside_down BOOLEAN NOT NULL DEFAULT 0,
  maxredirects INTEGER NOT NULL DEFAULT 10, accepted_statuscodes_json TEXT NOT NULL DEFAULT '["200-299"]',
  dns_resolve_type VARCHAR(5), dns_resolve_server VARCHAR(255), dns_last_result TEXT,
  retry_interval INTEGER NOT NULL DEFAULT 0, push_token VARCHAR(32) DEFAULT NULL, method TEXT NOT NULL DEFAULT 'GET',
  body TEXT, headers TEXT, basic_auth_user TEXT, basic_auth_pass TEXT, docker_host INTEGER, docker_container VARCHAR(255),
  proxy_id INTEGER, expiry_notification BOOLEAN DEFAULT 1, mqtt_topic TEXT, mqtt_username VARCHAR(255),
  mqtt_password VARCHAR(255), database_connection_string VARCHAR(2000), database_query TEXT, auth_method VARCHAR(250),
  radius_password VARCHAR(255), resend_interval INTEGER NOT NULL DEFAULT 0, packet_size INTEGER NOT NULL DEFAULT 56,
  http_body_encoding VARCHAR(25), description TEXT, tls_ca TEXT, tls_cert TEXT, tls_key TEXT, parent INTEGER,
  invert_keyword BOOLEAN NOT NULL DEFAULT 0, json_path TEXT, json_path_operator VARCHAR(255), expected_value VARCHAR(255),
  oauth_client_secret TEXT, timeout DOUBLE NOT NULL DEFAULT 0, conditions TEXT NOT NULL DEFAULT '[]', ip_family VARCHAR(4)
);
CREATE TABLE notification (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(255), active BOOLEAN NOT NULL DEFAULT 1, user_id INTEGER,
  is_default BOOLEAN NOT NULL DEFAULT 0, config LONGTEXT
);
CREATE TABLE monitor_notification (
  id INTEGER PRIMARY KEY AUTOINCREMENT, monitor_id INTEGER NOT NULL, notification_id INTEGER NOT NULL
);
CREATE TABLE tag (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(255) NOT NULL, color VARCHAR(255) NOT NULL);
CREATE TABLE monitor_tag (
  id INTEGER PRIMARY KEY AUTOINCREMENT, monitor_id INTEGER NOT NULL, tag_id INTEGER NOT NULL, value TEXT
);
CREATE TABLE maintenance (
  id INTEGER PRIMARY KEY AUTOINCREMENT, title VARCHAR(150) NOT NULL, description TEXT NOT NULL, user_id INTEGER,
  active BOOLEAN NOT NULL DEFAULT 1, strategy VARCHAR(50) NOT NULL DEFAULT 'single', start_date DATETIME, end_date DATETIME,
  start_time TIME, end_time TIME, weekdays VARCHAR(250) DEFAULT '[]', days_of_month TEXT DEFAULT '[]', interval_day INTEGER,
  cron TEXT, timezone VARCHAR(255), duration INTEGER
);
CREATE TABLE monitor_maintenance (
  id INTEGER PRIMARY KEY AUTOINCREMENT, monitor_id INTEGER NOT NULL, maintenance_id INTEGER NOT NULL
);
CREATE TABLE proxy (
  id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL, protocol VARCHAR(10) NOT NULL, host VARCHAR(255) NOT NULL,
  port SMALLINT NOT NULL, auth BOOLEAN NOT NULL, username VARCHAR(255), password VARCHAR(255), active BOOLEAN NOT NULL DEFAULT 1,
  "default" BOOLEAN NOT NULL DEFAULT 0
);
CREATE TABLE setting (id INTEGER PRIMARY KEY AUTOINCREMENT, key VARCHAR(200) NOT NULL UNIQUE, value TEXT, type VARCHAR(20));
CREATE TABLE "group" (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(255) NOT NULL);
`;

type Row = Record<string, string | number | null>;

/** Writes a kuma.db with these rows, by table. */
export function writeKuma(path: string, tables: Record<string, readonly Row[]>): void {
  const database = new DatabaseSync(path);
  database.exec(SCHEMA);
  for (const [table, rows] of Object.entries(tables)) {
    for (const row of rows) {
      const columns = Object.keys(row);
      const places = columns.map(() => '?').join(', ');
      database
        .prepare(`INSERT INTO "${table}" (${columns.map((column) => `"${column}"`).join(', ')}) VALUES (${places})`)
        .run(...Object.values(row));
    }
  }
  database.close();
}

/** One monitor of each kind, told of in each way, whose addresses are all of this machine. */
export function sampleKuma(httpUrl: string): Record<string, readonly Row[]> {
  const {port} = new URL(httpUrl);
  return {
    setting: [{key: 'serverTimezone', value: '"Europe/Moscow"'}],
    proxy: [
      {user_id: 1, protocol: 'http', host: '127.0.0.1', port: 3128, auth: 1, username: 'p', password: 'proxy:password'},
    ],
    monitor: [
      {id: 1, name: 'Shops', type: 'group', interval: 60},
      {
        ...{id: 2, name: 'Till site', type: 'http', url: `${httpUrl}/health`, interval: 60, maxretries: 2, parent: 1},
        ...{retry_interval: 60, timeout: 10, expiry_notification: 0, description: 'The till’s own site\nsecond line'},
      },
      {
        ...{
          id: 3,
          name: 'Till site',
          type: 'keyword',
          url: `${httpUrl}/health`,
          keyword: 'ok',
          interval: 120,
          maxretries: 1,
        },
        ...{retry_interval: 5, timeout: 10, resend_interval: 5, ip_family: 'ipv4'},
      },
      {
        ...{id: 4, name: 'Очередь', type: 'json-query', url: `${httpUrl}/health`, json_path: '$.status', interval: 60},
        ...{json_path_operator: '==', expected_value: 'ok', headers: '{"Authorization": "Bearer kuma-bearer-secret"}'},
        ...{basic_auth_user: 'u', basic_auth_pass: 'kuma-basic-secret', auth_method: 'basic'},
      },
      {id: 5, name: 'Port', type: 'port', hostname: '127.0.0.1', port: Number(port), interval: 60},
      {id: 6, name: 'Ping', type: 'ping', hostname: '127.0.0.1', interval: 60},
      {
        ...{id: 7, name: 'Name', type: 'dns', hostname: 'shop.example', dns_resolve_type: 'MX', interval: 60},
        ...{dns_resolve_server: '127.0.0.1,1.0.0.1', port: 53},
      },
      {id: 8, name: 'Backup job', type: 'push', push_token: 'kumaPushToken0123456789', interval: 3600},
      {
        ...{id: 9, name: 'MySQL', type: 'mysql', interval: 60, radius_password: 'kuma-mysql-password'},
        ...{
          database_connection_string: 'mysql://reader@127.0.0.1:3306/shop',
          database_query: 'SELECT count(*) FROM tills;',
        },
      },
      {
        ...{id: 10, name: 'Postgres', type: 'postgres', interval: 60, database_query: 'SELECT 1'},
        database_connection_string: 'postgres://reader:kuma%20pg-password@127.0.0.1:5432/shop?sslmode=verify-full',
      },
      {
        ...{id: 11, name: 'SQL Server', type: 'sqlserver', interval: 60},
        database_connection_string:
          'Server=127.0.0.1,1433;Database=shop;User Id=reader;Password=kuma-mssql-password;Encrypt=false',
      },
      {id: 12, name: 'Container', type: 'docker', docker_container: 'web', interval: 60},
      {id: 13, name: 'Broker', type: 'mqtt', hostname: '127.0.0.1', mqtt_password: 'kuma-mqtt-password', interval: 60},
      {id: 14, name: 'Paused', type: 'http', url: `${httpUrl}/?token=paused-secret`, active: 0, interval: 60},
      {
        ...{id: 15, name: 'By proxy', type: 'http', url: 'http://user:kuma-url-password@127.0.0.1:9/', proxy_id: 1},
        ...{interval: 60, upside_down: 1},
      },
    ],
    notification: [
      {
        ...{id: 1, name: 'Chat'},
        config: JSON.stringify({type: 'telegram', telegramBotToken: '42:AAkuma-bot-token', telegramChatID: '-100700'}),
      },
      {
        ...{id: 2, name: 'Hook'},
        config: JSON.stringify({type: 'slack', slackwebhookURL: 'https://hooks.example/kuma-slack-secret'}),
      },
    ],
    monitor_notification: [2, 3, 4, 5, 6, 9].map((monitor_id) => ({monitor_id, notification_id: 1})),
    tag: [{id: 1, name: 'floor', color: '#fff'}],
    monitor_tag: [{monitor_id: 2, tag_id: 1, value: '2'}],
    maintenance: [
      {
        ...{id: 1, title: 'Night', description: '', strategy: 'recurring-weekday', weekdays: '[5,0]'},
        ...{start_time: '22:00:00', end_time: '02:30:00', timezone: 'Europe/Berlin'},
      },
      {
        ...{id: 2, title: 'Ends', description: '', strategy: 'recurring-day-of-month', days_of_month: '[1,"lastDay1"]'},
        ...{start_time: '03:00', end_time: '04:00', timezone: 'SAME_AS_SERVER'},
      },
      {id: 3, title: 'Cron', description: '', strategy: 'cron', cron: '0 3 * * 0', duration: 7200},
      {id: 4, title: 'Once', description: '', strategy: 'single', start_date: '2026-01-01 00:00:00'},
    ],
    monitor_maintenance: [1, 2, 3, 4].map((maintenance_id) => ({maintenance_id, monitor_id: 2})),
  };
}

/** Every secret that stands in the sample. */
export const KUMA_SECRETS = [
  ...['proxy:password', 'proxy%3Apassword', 'kuma-bearer-secret', 'kuma-basic-secret', 'kumaPushToken0123456789'],
  ...['kuma-mysql-password', 'kuma pg-password', 'kuma%20pg-password', 'kuma-mssql-password', 'kuma-mqtt-password'],
  ...['paused-secret', 'kuma-url-password', 'AAkuma-bot-token', 'kuma-slack-secret'],
];
