import type { ServiceObserver } from "./account-service.ts";

/** One observer that passes on to several, in their order, what it is told. */
export function allOf(observers: readonly ServiceObserver[]): ServiceObserver {
  return {
    began: (settings) => {
      for (const one of observers) one.began?.(settings);
    },
    loggedIn: (settings, login) => {
      for (const one of observers) one.loggedIn?.(settings, login);
    },
    outcome: (settings, outcome) => {
      for (const one of observers) one.outcome?.(settings, outcome);
    },
    ended: (settings, end) => {
      for (const one of observers) one.ended?.(settings, end);
    },
    resumed: (settings) => {
      for (const one of observers) one.resumed?.(settings);
    },
  };
}
