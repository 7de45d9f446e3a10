import type {TestContext} from 'node:test';
import type {Answer, Call} from '../../../src/bot/commands/command.ts';
import {CONSOLE_PERSON, createDesk} from '../../../src/bot/desk.ts';
import {plainText} from '../../../src/bot/messages/html.ts';
import {createReaders} from '../../../src/bot/readers.ts';
import {cronStretch} from '../../../src/calendar.ts';
import type {Config, Role} from '../../../src/config/config.ts';
import {Pipeline} from '../../../src/pipeline.ts';
import type {Observation} from '../../../src/state/vocabulary.ts';
import {createHandClock} from '../../support/hand-clock.ts';
import {configWith, failed, keptLog, newFolder, ok, storeIn} from '../world.ts';

/** The order desk over a real pipeline and store. */
export function startDesk(
  context: TestContext,
  changes: Partial<Config> = {},
  parts: Pick<Parameters<typeof createDesk>[0], 'runNow' | 'logs' | 'painter'> = {},
) {
  const config = configWith(changes);
  const clock = createHandClock();
  const dataDir = newFolder();
  const store = storeIn(context, dataDir, clock);
  const {log, lines} = keptLog();
  const pipeline = new Pipeline({config, clock, store, log, cron: cronStretch, onQueued: () => {}});
  const desk = createDesk({
    config,
    readers: createReaders(config, 'shop-7', store.telegram),
    version: '0.1.0',
    pipeline,
    store,
    clock,
    log,
    reload: () => {},
    ...parts,
  });
  const observe = async (...observations: readonly Observation[]) => {
    pipeline.observe(observations);
    await clock.advance(10);
  };
  /** One run for each mark: `x` failed, `.` ok. */
  const runs = async (marks: string, check = 'billing-api') => {
    for (const mark of marks) {
      await clock.advance(1_000);
      await observe(mark === 'x' ? failed(check, clock.now()) : ok(check, clock.now()));
    }
  };
  const callBy = (role: Role, text: string): Call => {
    const user = [...config.users.values()].find((other) => other.role === role);
    const person = user ? {id: user.id, name: user.name} : CONSOLE_PERSON;
    return {person, role, chatId: -5, text, now: clock.now()};
  };
  const take = (order: string, role: Role = 'operator') => {
    const [, name = '', text = ''] = /^\/(\S+)\s*(.*)$/s.exec(order) ?? [];
    return desk.take(name, callBy(role, text));
  };
  return {
    config,
    clock,
    dataDir,
    store,
    pipeline,
    desk,
    lines,
    observe,
    runs,
    take,
    /** What the person reads; a row of buttons is a line such as `[Yes] [No]`. */
    ask: (order: string, role?: Role) => readable(take(order, role)),
    /** The same of what comes a moment later. */
    hear: async (order: string, role?: Role) => {
      const {rest} = take(order, role);
      return rest ? readable(await rest) : [`${order} was answered at once`];
    },
    acknowledgement: (check = 'billing-api') =>
      pipeline.view().find(({config: {name}}) => name === check)?.incident?.acknowledged,
  };
}

function readable({lines, buttons = []}: Answer): string[] {
  return [...lines.map(plainText), ...buttons.map((row) => row.map(({label}) => `[${label}]`).join(' '))];
}
