import { expect, test } from "vitest";
import { Track } from "../src/index.js";

test("a position is between those before and after it", () => {
  const track = new Track({ delay: 100 });
  expect(track.at(0)).toEqual([]);
  track.add(1000, [0, 0]);
  expect(track.at(1050)).toEqual([0, 0]);
  track.add(1100, [10, 20]);
  expect(track.at(1150)).toEqual([5, 10]);
  track.add(1200, [20, 20]);
  expect(track.at(1250)).toEqual([15, 20]);
  expect(track.at(5000)).toEqual([20, 20]); // it rests where the last update said
});

test("a movement goes on for a while, if wanted", () => {
  const track = new Track({ delay: 0, extrapolate: 50 });
  track.add(0, [0]);
  track.add(100, [10]);
  expect(track.at(120)).toEqual([12]);
  expect(track.at(900)).toEqual([15]);
});

test("after a pause it moves from where it stood, shortly before", () => {
  const track = new Track({ delay: 100 });
  track.add(0, [0]);
  track.add(10_000, [10]);
  expect(track.at(9_999)).toEqual([0]);
  expect(track.at(10_050)).toEqual([5]);
});

test("angles turn the shorter way, and jumps are not walked", () => {
  const turning = new Track({ delay: 100, angles: [0] });
  turning.add(0, [350]);
  turning.add(100, [10]);
  expect(turning.at(150)).toEqual([360]);
  const jumping = new Track({ delay: 100, jump: 50 });
  jumping.add(0, [0]);
  jumping.add(100, [1000]);
  expect(jumping.at(150)).toEqual([1000]);
});

test("updates that are late or at the same time", () => {
  const track = new Track({ delay: 0 });
  track.add(100, [1]);
  track.add(50, [9]);
  track.add(100, [2]);
  expect(track.at(100)).toEqual([2]);
});
