import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';
import {placeholdersIn} from '../placeholders.ts';

const {count, form, number} = numbersIn('ru');
const CHECKS = {one: 'проверка', few: 'проверки', many: 'проверок'};
/** After «из» and the like. */
const OF_CHECKS = {one: 'проверки', few: 'проверок', many: 'проверок'};
const OF_TARGETS = {one: 'цели', few: 'целей', many: 'целей'};
const FAIL = {one: 'не работает', few: 'не работают', many: 'не работают'};

export const status: Words['status'] = {
  allWell: (checks) => `Всё в порядке: ${count(checks, CHECKS)}`,
  problems: (bad, of) =>
    `Не ${form(bad, {one: 'проходит', few: 'проходят', many: 'проходят'})} ${number(bad)} из ${count(of, OF_CHECKS)}`,
  unknown: 'ещё не проверялось',
  soft: (errors, failAfter) => `ошибка ${number(errors)} из ${number(failAfter)}`,
  inconclusive: 'результат неясен',
  downTargets: (down, of) => `${form(down, FAIL)} ${number(down)} из ${count(of, OF_TARGETS)}`,
  okTargets: (ok, of) => `${number(ok)} из ${count(of, OF_TARGETS)}`,
  more: (left) => `… и ещё ${number(left)}`,
  undelivered: (messages, duration) => {
    const wait = {one: 'сообщение ждёт', few: 'сообщения ждут', many: 'сообщений ждут'};
    return `${count(messages, wait)} отправки, самое старое — ${duration}`;
  },
  deadChannel: (channel, reason) => `Канал ${channel} не принимает сообщения: ${reason}`,
  noCheck: (name) => `Нет проверки с именем ${name}.`,
  flapping: 'то работает, то нет',
  group: (name, fine, of) => `${name}: в порядке ${number(fine)} из ${number(of)}`,
  noGroup: 'без группы',
  held: {
    outside_window: 'вне окна оповещений',
    silenced: 'тишина',
    maintenance: 'плановые работы',
    parent_down: 'не работает то, от чего зависит',
    flapping: 'то работает, то нет',
  },
};

const NAMES = {
  COMMAND: 'КОМАНДА',
  GROUP: 'ГРУППА',
  N: 'ЧИСЛО',
  NAME: 'ИМЯ',
  ID: 'НОМЕР',
  ROLE: 'РОЛЬ',
  ROTATION: 'ГРАФИК',
  WHO: 'КТО',
  G: 'ГРУППА',
  glob: 'маска',
  why: 'причина',
  check: 'проверка',
  group: 'группа',
};

export const board: Words['board'] = {
  changed: (time) => `Последнее изменение: ${time}`,
  ended: 'Эта сводка больше не обновляется.',
};

export const order: Words['order'] = {
  unknown: (name) => `Нет команды /${name}. Список: /help`,
  notForYou: (role) => `Для этого нужна роль ${role}.`,
  arguments: (usage) => placeholdersIn(usage, NAMES),
  usage: (usage) => `Формат: ${placeholdersIn(usage, NAMES)}`,
  example: (example) => `Например: ${example}`,
  noTime: (text) => `${text} — не срок; напишите 30m, 2h, 1h30m или 1d.`,
  which: (names) => `Что именно? ${names}`,
  moreLetters: (left) => `… и ещё ${number(left)}: введите больше букв`,
  internal: 'Не получилось; причина — в журнале.',
};

export const ack: Words['ack'] = {
  done: (check, until) => `Подтверждено: ${check}${until && `, ${until}`}`,
  notDown: (check) => `${check} работает; подтверждать нечего.`,
  already: (check, name, until) => `${check}: прежде подтверждено — ${name}; теперь вами${until && `, ${until}`}.`,
  nothing: 'Всё работает.',
  noneLeft: 'Среди них подтверждать больше нечего.',
  notAcknowledged: (check) => `${check}: подтверждения нет.`,
  takenBack: (check) => `Подтверждение снято: ${check}`,
};

export const silence: Words['silence'] = {
  kind: {silence: 'тишина', maintenance: 'плановые работы'},
  done: (kind, what, checks, end) =>
    `${kind === 'silence' ? 'Тишина' : 'Плановые работы'}: ${what} (${count(checks, CHECKS)}), ${end}`,
  untilRecovered: 'до восстановления',
  matchesNothing: (what) => `${what}: таких проверок нет.`,
  nothingDown: (what) => `${what}: всё работает; укажите срок, например 2h.`,
  none: 'Тишины и плановых работ нет.',
  noSuch: (what) => `Нет тишины ${what}; список: /silences`,
  ended: (what) => `Тишина снята: ${what}`,
  end: (what) => `Снять ${what}`,
  howLong: (what) => `${what}: на сколько включить тишину?`,
};

export const reload: Words['reload'] = {
  begun: 'Перечитываю конфигурацию.',
};

export const language: Words['language'] = {
  now: 'Вам отвечают по-русски.',
  chosen: 'Теперь отвечаю вам по-русски.',
  auto: 'Теперь язык зависит от чата: русский.',
};

export const button: Words['button'] = {
  expired: 'Эта кнопка больше не действует.',
  used: 'Эту кнопку уже нажали.',
  notYours: 'Эта кнопка не для вас.',
};

export const confirm: Words['confirm'] = {
  really: (order) => `Точно выполнить ${order} ?`,
  yes: 'Да',
  no: 'Нет',
  typeYes: (duration) => `Введите yes, у вас ${duration}.`,
  dropped: 'Ничего не сделано.',
};

export const whoami: Words['whoami'] = {
  you: (name, id, role) => `${name}, id ${id}, роль ${role}`,
  console: 'Вы за консолью: роль admin',
  chat: (id) => `Этот чат: ${id}`,
  thread: (id) => `Эта тема: ${id}`,
};

export const version: Words['version'] = {
  orders: (server) => `Команды принимает ${server}`,
};
