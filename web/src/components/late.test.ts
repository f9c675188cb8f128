import { expect, test, vi } from "vitest";
import { late } from "./late";

test("what the network dropped is asked for again", async () => {
  const load = vi.fn().mockRejectedValueOnce(new TypeError("Failed to fetch")).mockResolvedValue("page");
  await expect(late(load, [0, 0])()).resolves.toBe("page");
  expect(load).toHaveBeenCalledTimes(2);
});

test("what never comes is told in the end", async () => {
  const load = vi.fn().mockRejectedValue(new TypeError("Failed to fetch"));
  await expect(late(load, [0, 0])()).rejects.toThrow("Failed to fetch");
  expect(load).toHaveBeenCalledTimes(3);
});
