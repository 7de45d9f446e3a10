import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';

const {count, form, number} = numbersIn('ru');

export const card: Words['card'] = {
  isDown: 'не работает',
  recoveredAfter: (duration) => `снова работает, простой ${duration}`,
  removedAfter: (duration) => `больше не проверяется: убрано из конфигурации, простой ${duration}`,
  failuresSince: (failures, time) =>
    `${count(failures, {one: 'ошибка', few: 'ошибки', many: 'ошибок'})}, не работает с ${time}`,
  downFromTo: (from, to) => `Не работало с ${from} до ${to}`,
  targetsDown: (down, of) =>
    `Не ${form(down, {one: 'работает', few: 'работают', many: 'работают'})} ${number(down)} из ` +
    `${count(of, {one: 'цели', few: 'целей', many: 'целей'})}:`,
  moreTargets: (left) => `… и ещё ${number(left)}`,
  was: (reason) => `Причина: ${reason}`,
  acknowledgedBy: (name, time) => `Подтверждено: ${name}, ${time}`,
  acknowledgedUntil: (time) => `до ${time}`,
  delayed: (duration) => `Канал был недоступен; самая старая новость опоздала на ${duration}.`,
  broken: (checks) =>
    checks === 0
      ? 'Сейчас всё это работает'
      : `Не ${form(checks, {one: 'проходит', few: 'проходят', many: 'проходят'})} ` +
        `${count(checks, {one: 'проверка', few: 'проверки', many: 'проверок'})}`,
  cutOff: (server) => `${server} без сети: ни одна из контрольных проверок не отвечает, другие ошибки не считаются`,
  sinceTime: (time) => `с ${time}`,
  missed: (list) => `Тем временем сломалось и восстановилось: ${list}`,
  moreIncidents: (left) => `… и ещё ${number(left)}`,
  acknowledge: 'Подтвердить',
  recover: 'Восстановить…',
  acknowledgeAll: (free) => `Подтвердить все: ${number(free)}`,
  details: 'Подробнее',
};

export const recovery: Words['recovery'] = {
  isBack: (duration) => `снова работает, простой ${duration}`,
  removed: 'больше не проверяется',
};

export const reminder: Words['reminder'] = {
  stillDown: (duration) => `всё ещё не работает, уже ${duration}`,
};

export const flapping: Words['flapping'] = {
  started: 'то работает, то нет: пока это не кончится, сообщений не будет',
  ended: (duration, isDown) =>
    `снова стабильно, скачки длились ${duration}; сейчас ${isDown ? 'не работает' : 'всё в порядке'}`,
};

export const mark: Words['mark'] = {
  repeated: '(повторно)',
  late: (duration) => `(с опозданием на ${duration})`,
};

export const system: Words['system'] = {
  title: 'Система',
  server: 'Сервер',
  address: 'Адрес',
  os: 'ОС',
  uptime: 'Работает без перезагрузки',
  load: 'Нагрузка (1, 5, 15 мин)',
};

export const notice: Words['notice'] = {
  store_damaged: (detail) => `Файл базы данных был повреждён и отложен в сторону: ${detail}`,
  store_in_memory: (detail) =>
    `Не удаётся записать в папку данных (${detail}). Проверки и оповещения работают из памяти; после перезапуска происходящее сейчас будет забыто.`,
  store_back_on_disk: () => 'Запись в папку данных снова работает; всё сохранено на диск.',
  history_failed: (detail) => `Не удаётся записать историю: ${detail}`,
  channel_dead: (detail) => `Канал не принимает сообщения: ${detail}`,
  not_listening: (detail) =>
    `HTTP-сервер не может слушать ${detail}. Повтор каждые 10 с; до тех пор сигналы жизни не принимаются.`,
  config_reloaded: (detail) => `Конфигурация перечитана: ${detail}`,
  config_refused: (detail) => `В изменённой конфигурации ошибки; действует прежняя.\n${detail}`,
  rolled_out: (detail) => {
    const [version, orders] = detail.split('\n');
    return `Теперь здесь работает Vakhta ${version}${orders ? `; команды принимает ${orders}` : ''}`;
  },
};
