import type {Result, Verdict} from '../../../state/vocabulary.ts';
import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';
import {status} from './answers.ts';
import {atTime, theTime} from './moment.ts';

const {count, number, percent: percentOf} = numbersIn('es');
const RESULT: Record<Result, string> = {ok: 'correcto', failed: 'fallo', inconclusive: 'no concluyente'};
const DECISION: Record<Verdict['decision'], string> = {sent: 'enviado', held: 'retenido', dropped: 'descartado'};

export const why: Words['why'] = {
  fineSince: (time) => `Funciona desde ${theTime(time)}`,
  downSince: (time) => `No funciona desde ${theTime(time)}`,
  counter: (errors, failAfter, successes, recoverAfter) =>
    `Contador: ${count(errors, {one: 'fallo', many: 'de fallos', other: 'fallos'})} (el límite es ${number(failAfter)}), ` +
    `${number(successes)} de ${count(recoverAfter, {one: 'acierto', many: 'de aciertos', other: 'aciertos'})} para recuperarse`,
  lastRun: (result, time, reason) =>
    `Última ejecución ${atTime(time)}: ${RESULT[result]}${reason === '' ? '' : `, ${reason}`}`,
  brokeWith: (reason) => `Empezó con: ${reason}`,
  window: (name, isOpen, end) => `Ventana ${name}: ${isOpen ? 'abierta' : 'cerrada'}, ${end}`,
  noWindow: 'Ventana: ninguna, siempre abierta',
  until: (time) => `hasta ${theTime(time)}`,
  noEnd: 'sin final a la vista',
  planned: (end) => `Mantenimiento planificado, ${end}`,
  silence: (kind, what, end, name, reason) =>
    `${what}: ${kind} de ${name}, ${end}${reason === '' ? '' : `: ${reason}`}`,
  parent: (name, isDown) => `${name} (${isDown ? 'no funciona' : 'funciona'})`,
  parents: (list) => `Depende de: ${list}`,
  changing: (percent, since) =>
    `Los resultados cambian un ${percentOf(percent)}${since === undefined ? '' : `, inestable desde ${theTime(since)}`}`,
  decided: (decision, reason, time) =>
    `Última decisión: ${DECISION[decision]} (${decision} ${reason}), ${atTime(time)}`,
  undecided: 'Última decisión: ninguna hasta ahora',
  wouldHold: (reason, time) =>
    `Los avisos se retienen ahora: ${status.held[reason]} (${reason})${time === undefined ? '' : `, hasta ${theTime(time)}`}`,
  recovery: (attempts, of) => `Recuperación: ${number(attempts)} de ${number(of)} intentos hechos`,
  recoveryRests: (time) => `El próximo intento no será antes de ${theTime(time)}`,
  reminder: (time) => `Próximo recordatorio: ${atTime(time)}`,
  escalation: (time, list) => `Próxima escalada ${atTime(time)}, a ${list}`,
  delivered: (channel) => `${channel}: todo entregado`,
};
