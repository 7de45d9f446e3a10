import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';

const {count, number} = numbersIn('es');

export const detail: Words['detail'] = {
  for: (duration) => `desde hace ${duration}`,
  latency: (line, last, mean) => `${line} ${last}, media ${mean}`,
  silenced: (end) => `silenciado ${end}`,
  checkNow: '▶️ Comprobar ahora',
  acknowledge: '👤 Reconocer',
  takeBack: '👤 Retirar',
  silence: (span) => `🔕 ${span}`,
  untilMorning: '🔕 hasta la mañana',
  untilRecovered: '🔕 hasta que se recupere',
  endSilence: '🔔 Terminar el silencio',
  history: 'Historial',
  graph: 'Gráfico',
  recover: 'Recuperar',
  why: '¿Por qué?',
  back: '‹ Volver',
};

export const run: Words['run'] = {
  running: (check) => `Comprobando ${check} …`,
  notRunning: (check) => `${check} no se ha ejecutado: aquí no se ejecuta nada en este momento.`,
};

export const past: Words['past'] = {
  available: (span, percent, ok, of) =>
    `Disponibilidad en ${span}: ${percent} (${number(ok)} de ` +
    `${count(of, {one: 'ejecución', many: 'de ejecuciones', other: 'ejecuciones'})})`,
  up: (span, percent) => `Disponibilidad en ${span}: ${percent}`,
  day: '24 horas',
  week: '7 días',
  still: 'sigue sin funcionar',
  noIncidents: 'Sin incidentes',
};

export const terminals: Words['terminals'] = {
  none: 'Ninguna comprobación tiene destinos.',
};

export const log: Words['log'] = {
  empty: 'El registro está vacío.',
  lines: (lines) => `Final del registro: ${count(lines, {one: 'línea', many: 'de líneas', other: 'líneas'})}`,
};

export const window: Words['window'] = {
  none: 'No hay ventanas: los mensajes pueden salir a cualquier hora.',
  unknown: (name) => `Ninguna ventana se llama ${name}.`,
  line: (name, isOpen, until) => `${name}: ${isOpen ? 'abierta' : 'cerrada'}, ${until}`,
};
