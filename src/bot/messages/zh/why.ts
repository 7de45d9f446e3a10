import type {Result, Verdict} from '../../../state/vocabulary.ts';
import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';
import {status} from './answers.ts';

const {count, number, percent: percentOf} = numbersIn('zh');
const RESULT: Record<Result, string> = {ok: '正常', failed: '失败', inconclusive: '结果不确定'};
const DECISION: Record<Verdict['decision'], string> = {sent: '已发送', held: '已暂缓', dropped: '未发送'};

export const why: Words['why'] = {
  fineSince: (time) => `自 ${time} 起正常`,
  downSince: (time) => `自 ${time} 起故障`,
  counter: (errors, failAfter, successes, recoverAfter) =>
    `计数：已失败 ${count(errors, {other: '次'})}（满 ${count(failAfter, {other: '次'})}判为故障），` +
    `恢复需连续成功 ${count(recoverAfter, {other: '次'})}，已成功 ${number(successes)} 次`,
  lastRun: (result, time, reason) => `上次运行 ${time}：${RESULT[result]}${reason === '' ? '' : `，${reason}`}`,
  brokeWith: (reason) => `起因：${reason}`,
  window: (name, isOpen, end) => `时段 ${name}：${isOpen ? '开放' : '关闭'}，${end}`,
  noWindow: '时段：未设置，始终开放',
  until: (time) => `至 ${time}`,
  noEnd: '暂无结束时间',
  planned: (end) => `计划内维护，${end}`,
  silence: (kind, what, end, name, reason) =>
    `${what}：${name} 设置的${kind}，${end}${reason === '' ? '' : `：${reason}`}`,
  parent: (name, isDown) => `${name}（${isDown ? '故障' : '正常'}）`,
  parents: (list) => `依赖：${list}`,
  changing: (percent, since) =>
    `结果变化率 ${percentOf(percent)}${since === undefined ? '' : `，自 ${since} 起状态抖动`}`,
  decided: (decision, reason, time) => `上次决定：${DECISION[decision]}（${decision} ${reason}），${time}`,
  undecided: '上次决定：暂无',
  wouldHold: (reason, time) =>
    `消息目前暂缓发送：${status.held[reason]}（${reason}）${time === undefined ? '' : `，至 ${time}`}`,
  recovery: (attempts, of) => `恢复尝试：已进行 ${number(attempts)} 次，共 ${number(of)} 次`,
  recoveryRests: (time) => `下次尝试不早于 ${time}`,
  reminder: (time) => `下次提醒：${time}`,
  escalation: (time, list) => `下次升级通知：${time}，通知 ${list}`,
  delivered: (channel) => `${channel}：已全部送达`,
};
