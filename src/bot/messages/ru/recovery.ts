import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';

const {count, number} = numbersIn('ru');

export const attempt: Words['attempt'] = {
  title: (attempt, of) => `Восстановление, попытка ${number(attempt)} из ${number(of)}`,
  orderedBy: (name) => `по команде: ${name}`,
  running: 'выполняется',
  exited: (code, duration) => `код выхода ${code} через ${duration}`,
  ended: (signal, duration) => `прервано сигналом ${signal} через ${duration}`,
  timedOut: (duration) => `остановлено по времени через ${duration}`,
  notStarted: (reason) => `не запустилось: ${reason}`,
  unknown: (reason) => `исход неизвестен: ${reason}`,
  dryRun: 'не выполнялось: включён dry_run',
  nextCheck: (time, duration) => `Следующая проверка: ${time}, через ${duration}`,
  afterAttempts: (attempts) => `${count(attempts, {one: 'попытка', few: 'попытки', many: 'попыток'})} восстановления`,
  waits: {
    breaker: 'Восстановление прекращено, предохранитель разомкнут: замкнуть — /recover NAME reset',
    maintenance: 'Восстановление ждёт: плановые работы',
    acked: 'Восстановление ждёт: этим уже занимаются',
    flapping: 'Восстановление ждёт: проверка то работает, то нет',
    parent_down: 'Восстановление ждёт: не работает то, от чего зависит проверка',
    cut_off: 'Восстановление ждёт: этот сервер без сети',
    outside_window: 'Восстановление ждёт: его окно закрыто',
    approval: 'Восстановление ждёт одобрения администратора: /recover NAME',
  },
};

export const recover: Words['recover'] = {
  none: 'Ни у одной проверки нет восстановления.',
  notOf: (check) => `У ${check} нет восстановления.`,
  begun: (check) => `Восстановление ${check} запущено; чем оно кончится, скажет карточка.`,
  refused: {
    not_down: (check) => `${check} работает; восстанавливать нечего.`,
    running: (check) => `Восстановление ${check} уже выполняется.`,
    breaker: (check) => `Предохранитель ${check} разомкнут: замкнуть — /recover ${check} reset.`,
  },
  reset: (check) => `Попытки для ${check} считаются заново.`,
  nothingToReset: (check) => `Попыток для ${check} не было; сбрасывать нечего.`,
};
