import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';

const {count, number} = numbersIn('ru');

export const detail: Words['detail'] = {
  for: (duration) => `уже ${duration}`,
  latency: (line, last, mean) => `${line} ${last}, в среднем ${mean}`,
  silenced: (end) => `тишина ${end}`,
  checkNow: '▶️ Проверить',
  acknowledge: '👤 Подтвердить',
  takeBack: '👤 Снять подтверждение',
  silence: (span) => `🔕 ${span}`,
  untilMorning: '🔕 до утра',
  untilRecovered: '🔕 до восстановления',
  endSilence: '🔔 Снять тишину',
  history: 'История',
  graph: 'График',
  recover: 'Восстановить',
  why: 'Почему?',
  back: '‹ Назад',
};

export const run: Words['run'] = {
  running: (check) => `Проверяю ${check} …`,
  notRunning: (check) => `Проверка ${check} не запущена: сейчас здесь ничего не выполняется.`,
};

export const past: Words['past'] = {
  available: (span, percent, ok, of) =>
    `Доступность за ${span}: ${percent} (${number(ok)} из ${count(of, {one: 'запуска', few: 'запусков', many: 'запусков'})})`,
  up: (span, percent) => `Доступность за ${span}: ${percent}`,
  day: '24 ч',
  week: '7 дней',
  still: 'ещё не работает',
  noIncidents: 'Инцидентов нет',
};

export const terminals: Words['terminals'] = {
  none: 'Ни у одной проверки нет целей.',
};

export const log: Words['log'] = {
  empty: 'Журнал пуст.',
  lines: (lines) => `Конец журнала: ${count(lines, {one: 'строка', few: 'строки', many: 'строк'})}`,
};

export const window: Words['window'] = {
  none: 'Окон нет: сообщения отправляются в любое время.',
  unknown: (name) => `Нет окна с именем ${name}.`,
  line: (name, isOpen, until) => `${name}: ${isOpen ? 'открыто' : 'закрыто'}, ${until}`,
};
