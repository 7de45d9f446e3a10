import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';

const {count, form, number} = numbersIn('es');
const RUNS = {one: 'ejecución', many: 'de ejecuciones', other: 'ejecuciones'};
const DAYS = {one: 'día', many: 'de días', other: 'días'};
const TARGETS = {one: 'destino', many: 'de destinos', other: 'destinos'};

export const graph: Words['graph'] = {
  mean: (mean, most) => `Media ${mean}, como máximo ${most}`,
  runs: (ok, of, percent) => `${number(ok)} de ${count(of, RUNS)} sin fallo: ${percent}`,
  limit: {
    expect: (span) => `Falla a partir de ${span}`,
    timeout: (span) => `Falla tras ${span} sin respuesta`,
  },
  available: (percent) => `Disponibilidad: ${percent}`,
  worstHour: (time, percent) => `Peor hora: ${time}, ${percent}`,
  noData: (check) => `Aún no se sabe nada de ${check} en este periodo.`,
  ofTargets: 'Añada un destino para ver su latencia.',
  notDrawn: 'No se pudo dibujar la imagen; el motivo está en el registro.',
  span: (days) => (days === 1 ? '24 horas' : count(days, DAYS)),
};

export const report: Words['report'] = {
  title: {day: 'Las últimas 24 horas', week: 'Los últimos 7 días', month: 'Los últimos 30 días'},
  button: {day: 'Día', week: 'Semana', month: 'Mes'},
  figures: (percent, incidents) =>
    `Disponibilidad ${percent}, ${count(incidents, {one: 'incidente', many: 'de incidentes', other: 'incidentes'})}`,
  longest: (duration) => `Caída más larga: ${duration}`,
  acknowledge: (duration) => `Tiempo medio hasta reconocer: ${duration}`,
  recover: (duration) => `Tiempo medio hasta recuperar: ${duration}`,
  heads: {check: 'comprobación', longest: 'máximo'},
  more: (left) => `… y ${number(left)} más`,
  noData: 'Aún no se sabe nada de este periodo.',
};

export const picture: Words['picture'] = {
  last: (days) =>
    days === 1
      ? 'últimas 24 horas'
      : `${form(days, {one: 'último', many: 'últimos', other: 'últimos'})} ${count(days, DAYS)}`,
  byHour: 'sin fallo, por hora',
  timeByHour: 'tiempo sin incidentes, por hora',
  mean: 'media',
  leastToMost: 'mín. a máx.',
  failed: 'fallo',
  down: 'caída',
  planned: 'mantenim.',
  noData: 'sin datos',
  limit: {expect: (span) => `límite ${span}`, timeout: (span) => `espera ${span}`},
  good: 'bien',
  shaky: 'con fallos',
  unknown: 'sin ejecutar',
  targetsDown: (down, of) =>
    `${form(down, {one: 'falla', many: 'fallan', other: 'fallan'})} ${number(down)} de ${count(of, TARGETS)}`,
  cell: (targets) => `Cada celda son ${count(targets, TARGETS)} y muestra el peor`,
  report: {day: 'Informe de 24 horas', week: 'Informe de 7 días', month: 'Informe de 30 días'},
  checks: (checks) => count(checks, {one: 'comprobación', many: 'de comprobaciones', other: 'comprobaciones'}),
  available: 'disponible',
  incidents: 'incidentes',
  acknowledge: 'reconocido en',
  recover: 'recuperado en',
  longest: 'máximo',
  more: (left) => `… y ${number(left)} más`,
};
