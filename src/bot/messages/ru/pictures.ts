import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';

const {count, form, number} = numbersIn('ru');
const RUNS = {one: 'запуска', few: 'запусков', many: 'запусков'};
const DAYS = {one: 'день', few: 'дня', many: 'дней'};
const OF_TARGETS = {one: 'цели', few: 'целей', many: 'целей'};

export const graph: Words['graph'] = {
  mean: (mean, most) => `В среднем ${mean}, не более ${most}`,
  runs: (ok, of, percent) => `Успешно ${number(ok)} из ${count(of, RUNS)}: ${percent}`,
  limit: {
    expect: (span) => `Ошибка — от ${span}`,
    timeout: (span) => `Ошибка — если нет ответа за ${span}`,
  },
  available: (percent) => `Доступность: ${percent}`,
  worstHour: (time, percent) => `Худший час: ${time}, ${percent}`,
  noData: (check) => `${check}: за это время данных ещё нет.`,
  ofTargets: 'Чтобы увидеть задержку, добавьте цель.',
  notDrawn: 'Картинку нарисовать не удалось; причина — в журнале.',
  span: (days) => (days === 1 ? '24 ч' : count(days, DAYS)),
};

export const report: Words['report'] = {
  title: {day: 'Последние 24 часа', week: 'Последние 7 дней', month: 'Последние 30 дней'},
  button: {day: 'День', week: 'Неделя', month: 'Месяц'},
  figures: (percent, incidents) =>
    `Доступность ${percent}, ${count(incidents, {one: 'инцидент', few: 'инцидента', many: 'инцидентов'})}`,
  longest: (duration) => `Самый долгий сбой: ${duration}`,
  acknowledge: (duration) => `До подтверждения в среднем: ${duration}`,
  recover: (duration) => `До восстановления в среднем: ${duration}`,
  heads: {check: 'проверка', longest: 'макс.'},
  more: (left) => `… и ещё ${number(left)}`,
  noData: 'За это время данных ещё нет.',
};

export const picture: Words['picture'] = {
  last: (days) =>
    days === 1
      ? 'последние 24 часа'
      : `${form(days, {one: 'последний', few: 'последние', many: 'последние'})} ${count(days, DAYS)}`,
  byHour: 'успешные запуски по часам',
  timeByHour: 'время без инцидентов по часам',
  mean: 'среднее',
  leastToMost: 'от и до',
  failed: 'ошибка',
  down: 'сбой',
  planned: 'работы',
  noData: 'нет данных',
  limit: {expect: (span) => `предел ${span}`, timeout: (span) => `тайм-аут ${span}`},
  good: 'работает',
  shaky: 'ошибки',
  unknown: 'не проверялось',
  targetsDown: (down, of) =>
    `${form(down, {one: 'не работает', few: 'не работают', many: 'не работают'})} ${number(down)} из ${count(of, OF_TARGETS)}`,
  cell: (targets) => `Клетка — ${count(targets, {one: 'цель', few: 'цели', many: 'целей'})}, показана худшая`,
  report: {day: 'Отчёт за 24 часа', week: 'Отчёт за 7 дней', month: 'Отчёт за 30 дней'},
  checks: (checks) => count(checks, {one: 'проверка', few: 'проверки', many: 'проверок'}),
  available: 'доступность',
  incidents: 'инциденты',
  acknowledge: 'до реакции',
  recover: 'до починки',
  longest: 'макс.',
  more: (left) => `… и ещё ${number(left)}`,
};
