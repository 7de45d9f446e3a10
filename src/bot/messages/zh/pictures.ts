import {picture as english} from '../en/pictures.ts';
import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';

const {count} = numbersIn('zh');

export const graph: Words['graph'] = {
  mean: (mean, most) => `平均 ${mean}，最高 ${most}`,
  runs: (ok, of, percent) => `运行 ${count(of, {other: '次'})}，成功 ${count(ok, {other: '次'})}：${percent}`,
  limit: {
    expect: (span) => `达到 ${span} 即为失败`,
    timeout: (span) => `${span} 内无应答即为失败`,
  },
  available: (percent) => `可用率：${percent}`,
  worstHour: (time, percent) => `最差时段：${time}，${percent}`,
  noData: (check) => `这段时间还没有 ${check} 的数据。`,
  ofTargets: '加上目标地址即可查看其延迟。',
  notDrawn: '图片绘制失败，原因见日志。',
  span: (days) => (days === 1 ? '24 小时' : count(days, {other: '天'})),
};

export const report: Words['report'] = {
  title: {day: '最近 24 小时', week: '最近 7 天', month: '最近 30 天'},
  button: {day: '一天', week: '一周', month: '一月'},
  figures: (percent, incidents) => `可用率 ${percent}，故障 ${count(incidents, {other: '次'})}`,
  longest: (duration) => `最长故障：${duration}`,
  acknowledge: (duration) => `平均确认用时：${duration}`,
  recover: (duration) => `平均恢复用时：${duration}`,
  heads: {check: '检查', longest: '最长'},
  more: (left) => `……另有 ${count(left, {other: '项'})}`,
  noData: '这段时间还没有数据。',
};

/** The font of the pictures has no Chinese characters. */
export const picture: Words['picture'] = english;
