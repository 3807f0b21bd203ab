// What a manager sets before a rehearsal: how many tickets, the rush, people, times, shares. What stays as it is comes from the company.
import { useState } from 'react';
import { useEditor } from '../../designer/use.js';
import { inOrder, minutesOf } from './model.js';
import { useRehearsal, useRehearsed } from './use.js';

const HOURS = Array.from({ length: 25 }, (_, hour) => hour);

export function Settings({ settings }) {
  const { t } = useEditor();
  const rehearsal = useRehearsal();
  const { choice } = useRehearsed();
  return (
    <>
      <fieldset>
        <legend>{t('ld_how_many')}</legend>
        <p className="ld-line"><Count label={t('ld_how_many')} value={choice.tickets} min={1} max={20000} wide onChange={(tickets) => rehearsal.choose({ tickets })} /> {t('ld_tickets')} {t('ld_in')} <Count label={t('ld_days')} value={choice.days} min={1} max={31} onChange={(days) => rehearsal.choose({ days })} /> {t('ld_days')}</p>
        <p className="ld-line">
          {settings.tickets && <button type="button" className="chip" onClick={() => rehearsal.choose({ tickets: settings.tickets, days: 1, peak: null })}>{t('ld_usual_day', { n: settings.tickets })}</button>}
          <button type="button" className="chip" onClick={() => rehearsal.choose({ tickets: 5000, days: 1, peak: { from: 20, to: 22, times: 3 } })}>{t('ld_big_day')}</button>
        </p>
        <Peak />
      </fieldset>
      <Staff settings={settings} />
      <Takes settings={settings} />
      <Shares settings={settings} />
    </>
  );
}

/** How many runs a rehearsal has: quick, or careful. */
export function Runs() {
  const { t } = useEditor();
  const rehearsal = useRehearsal();
  const { choice } = useRehearsed();
  return <div className="segments" role="group" aria-label={t('ld_runs')}>{[5, 20].map((seeds) => <button key={seeds} type="button" aria-pressed={choice.seeds === seeds} onClick={() => rehearsal.choose({ seeds })}>{t(`ld_runs_${seeds}`)}</button>)}</div>;
}

/** A whole number that may be typed freely and counts once it is one. */
function Count({ label, value, min = 0, max, wide = false, step = 1, onChange }) {
  const [typed, setTyped] = useState(null);
  const change = (text) => {
    setTyped(text);
    const number = Number(text);
    if (text !== '' && Number.isFinite(number) && number >= min && number <= max && (step < 1 || Number.isInteger(number))) onChange(number);
  };
  return <input className={`in ld-n${wide ? ' wide' : ''}`} type="number" inputMode="decimal" aria-label={label} min={min} max={max} step={step} value={typed ?? value} onChange={(event) => change(event.target.value)} onBlur={() => setTyped(null)} />;
}

function Peak() {
  const { t } = useEditor();
  const rehearsal = useRehearsal();
  const { peak } = useRehearsed().choice;
  const change = (changes) => rehearsal.choose({ peak: { ...peak, ...changes } });
  return (
    <p className="ld-line">
      <label className="check"><input type="checkbox" checked={Boolean(peak)} onChange={(event) => rehearsal.choose({ peak: event.target.checked ? { from: 20, to: 22, times: 3 } : null })} /> {t('ld_peak')}</label>
      {peak && <>
        <select className="in" aria-label={t('ld_peak_from')} value={peak.from} onChange={(event) => { const from = Number(event.target.value); change({ from, to: Math.max(peak.to, from + 1) }); }}>{HOURS.slice(0, 24).map((hour) => <option key={hour}>{hour}</option>)}</select>{t('ld_to')}
        <select className="in" aria-label={t('ld_peak_to')} value={peak.to} onChange={(event) => { const to = Number(event.target.value); change({ to, from: Math.min(peak.from, to - 1) }); }}>{HOURS.slice(1).map((hour) => <option key={hour}>{hour}</option>)}</select>{t('ld_oclock')}
        <Count label={t('ld_times')} value={peak.times} min={1} max={50} onChange={(times) => change({ times })} />{t('ld_times')}
      </>}
    </p>
  );
}

function Staff({ settings }) {
  const { t } = useEditor();
  const rehearsal = useRehearsal();
  const { choice, other } = useRehearsed();
  if (!settings.teams.length) return null;
  const setA = (team, count) => rehearsal.choose({ people: { ...choice.people, [team]: count } });
  const setB = (team, count) => rehearsal.set({ other: { ...other, [team]: count } });
  return (
    <fieldset>
      <legend>{t('ld_staff')}</legend>
      {other && <p className="ld-ab" aria-hidden="true"><span>{t('ld_plan_a')}</span><span>{t('ld_plan_b')}</span></p>}
      <ul className="ld-staff">{settings.teams.map((team) => (
        <li key={team.key}>
          <span className="ld-team"><b>{team.name}</b><span>{t('ld_staff_help', { n: team.has })} <i>{team.hours}</i></span></span>
          <Stepper team={team.name} value={choice.people[team.key] ?? team.people} was={team.people} plan={other ? t('ld_plan_a') : ''} onChange={(count) => setA(team.key, count)} />
          {other && <Stepper team={team.name} value={other[team.key] ?? choice.people[team.key] ?? team.people} was={choice.people[team.key] ?? team.people} plan={t('ld_plan_b')} onChange={(count) => setB(team.key, count)} />}
        </li>
      ))}</ul>
      <button type="button" className="link" onClick={() => rehearsal.set({ other: other ? null : { ...choice.people } })}>{other ? t('ld_without_b') : t('ld_with_b')}</button>
    </fieldset>
  );
}

function Stepper({ team, value, was, plan, onChange }) {
  const { t } = useEditor();
  const what = plan ? `${team}, ${plan}` : team;
  return (
    <span className={`ld-stepper${value !== was ? ' changed' : ''}`}>
      <button type="button" aria-label={t('ld_fewer', { team: what })} disabled={value <= 0} onClick={() => onChange(value - 1)}>−</button>
      <Count label={t('ld_people', { team: what })} value={value} min={0} max={1000} onChange={onChange} />
      <button type="button" aria-label={t('ld_more', { team: what })} disabled={value >= 1000} onClick={() => onChange(value + 1)}>+</button>
    </span>
  );
}

function Takes({ settings }) {
  const { t } = useEditor();
  const rehearsal = useRehearsal();
  const { choice } = useRehearsed();
  const steps = settings.steps.filter((step) => step.work || step.answered !== null);
  return (
    <details>
      <summary>{t('ld_takes')}</summary>
      {steps.map((step) => {
        const minutes = choice.takes[step.id] || minutesOf(step.takes);
        const set = (at, value) => rehearsal.choose({ takes: { ...choice.takes, [step.id]: inOrder(minutes.map((one, place) => (place === at ? value : one)), at) } });
        return (
          <div key={step.id} className="ld-step" role="group" aria-label={step.name}>
            <b>{step.name}</b>
            <span className="ld-quiet">{t('ld_takes_now', { words: step.words })}</span>
            <p className="ld-line">{['ld_least', 'ld_likely', 'ld_most'].map((key, at) => <label key={key}>{t(key)} <Count label={`${step.name} ${t(key)}`} value={minutes[at]} max={100000} step={0.1} onChange={(value) => set(at, value)} /></label>)} {t('ld_minutes')}</p>
            {step.answered !== null && <p className="ld-line"><label>{t('ld_answered')} <Count label={t('ld_answered')} value={choice.answered[step.id] ?? step.answered} max={100} onChange={(value) => rehearsal.choose({ answered: { ...choice.answered, [step.id]: value } })} /> %</label></p>}
          </div>
        );
      })}
    </details>
  );
}

function Shares({ settings }) {
  const { t } = useEditor();
  const rehearsal = useRehearsal();
  const { choice } = useRehearsed();
  if (!settings.branches.length) return null;
  return (
    <details>
      <summary>{t('ld_shares')}</summary>
      <div className="segments ld-source" role="group" aria-label={t('ld_shares_from')}>{['history', 'scenarios'].map((source) => <button key={source} type="button" aria-pressed={choice.source === source} disabled={source === 'scenarios' && !settings.scenarios} onClick={() => rehearsal.from(source)}>{t(`ld_shares_${source}`, { n: settings.scenarios })}</button>)}</div>
      {!settings.scenarios && <p className="ld-quiet">{t('ld_no_scenarios')}</p>}
      {settings.branches.map((branch) => {
        const shares = choice.shares[branch.id] || Object.fromEntries(branch.ports.map((port) => [port.id, port.share]));
        return (
          <div key={branch.id} className="ld-step" role="group" aria-label={branch.name}>
            <b>{branch.name}</b>
            <span className="ld-quiet">{t(choice.shares[branch.id] ? 'ld_from_plan' : `ld_from_${branch.from}`)}</span>
            <p className="ld-line">{branch.ports.map((port) => <label key={port.id}>{port.label} <Count label={`${branch.name} ${port.label}`} value={shares[port.id]} max={100} onChange={(value) => rehearsal.choose({ shares: { ...choice.shares, [branch.id]: { ...shares, [port.id]: value } } })} /> %</label>)}</p>
          </div>
        );
      })}
    </details>
  );
}
