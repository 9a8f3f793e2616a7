import { expect, onTestFinished, test, vi } from "vitest";
import { AnswersInTime } from "../../src/service/answers-in-time.ts";

test("an answer is given, and null in place of a failure", async () => {
  const answers = new AnswersInTime({ size: async () => 7 });
  expect(await answers.ask("size", (store) => store.size())).toBe(7);
  expect(await answers.ask("size", () => Promise.reject(new Error("away")))).toBeNull();
});

test("who asks a store that hangs is told after three seconds that there is no answer", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let given: number | null | undefined;
  const asked = new AnswersInTime({}).ask(null, () => new Promise<number>(() => {}));
  void asked.then((answer) => {
    given = answer;
  });
  await vi.advanceTimersByTimeAsync(2999);
  expect(given).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(given).toBeNull();
});

test("one question under one name is asked at a time, without a name each is asked", async () => {
  const waiting: ((answer: number) => void)[] = [];
  const answers = new AnswersInTime({});
  const question = () => new Promise<number>((resolve) => waiting.push(resolve));
  const [first, second] = [answers.ask("one", question), answers.ask("one", question)];
  expect(waiting).toHaveLength(1);
  waiting[0]?.(1);
  expect(await Promise.all([first, second])).toEqual([1, 1]);
  const others = [answers.ask("one", question), answers.ask(null, question), answers.ask(null, question)];
  expect(waiting).toHaveLength(4);
  waiting.forEach((resolve, n) => {
    resolve(n);
  });
  expect(await Promise.all(others)).toEqual([1, 2, 3]);
});
