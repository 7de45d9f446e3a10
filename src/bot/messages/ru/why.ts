import type {Result, Verdict} from '../../../state/vocabulary.ts';
import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';
import {status} from './answers.ts';

const {count, number, percent: percentOf} = numbersIn('ru');
const RESULT: Record<Result, string> = {ok: 'успешно', failed: 'ошибка', inconclusive: 'результат неясен'};
const DECISION: Record<Verdict['decision'], string> = {sent: 'отправлено', held: 'отложено', dropped: 'не отправлено'};

export const why: Words['why'] = {
  fineSince: (time) => `Работает с ${time}`,
  downSince: (time) => `Не работает с ${time}`,
  counter: (errors, failAfter, successes, recoverAfter) =>
    `Счётчик: ${count(errors, {one: 'ошибка', few: 'ошибки', many: 'ошибок'})} (сбой с ${number(failAfter)}-й), ` +
    `${number(successes)} из ${count(recoverAfter, {one: 'успеха', few: 'успехов', many: 'успехов'})} до восстановления`,
  lastRun: (result, time, reason) => `Последний запуск ${time}: ${RESULT[result]}${reason === '' ? '' : `, ${reason}`}`,
  brokeWith: (reason) => `Началось с: ${reason}`,
  window: (name, isOpen, end) => `Окно ${name}: ${isOpen ? 'открыто' : 'закрыто'}, ${end}`,
  noWindow: 'Окно не задано: открыто всегда',
  until: (time) => `до ${time}`,
  noEnd: 'конца не видно',
  planned: (end) => `Плановые работы, ${end}`,
  silence: (kind, what, end, name, reason) => `${what}: ${kind} ${end}, ${name}${reason === '' ? '' : `: ${reason}`}`,
  parent: (name, isDown) => `${name} (${isDown ? 'не работает' : 'работает'})`,
  parents: (list) => `Зависит от: ${list}`,
  changing: (percent, since) =>
    `Изменчивость результатов: ${percentOf(percent)}${since === undefined ? '' : `, то работает, то нет с ${since}`}`,
  decided: (decision, reason, time) => `Последнее решение: ${DECISION[decision]} (${decision} ${reason}), ${time}`,
  undecided: 'Последнее решение: пока не было',
  wouldHold: (reason, time) =>
    `Новости сейчас откладываются: ${status.held[reason]} (${reason})${time === undefined ? '' : `, до ${time}`}`,
  recovery: (attempts, of) => `Восстановление: попыток сделано ${number(attempts)} из ${number(of)}`,
  recoveryRests: (time) => `Следующая попытка не раньше: ${time}`,
  reminder: (time) => `Следующее напоминание: ${time}`,
  escalation: (time, list) => `Следующая эскалация: ${time}, кому: ${list}`,
  delivered: (channel) => `${channel}: всё доставлено`,
};
