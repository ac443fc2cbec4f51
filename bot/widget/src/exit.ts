/** Leaving in a hurry: three presses of Shift, or the button. */

const PRESSES = 3;
const WITHIN = 5_000;

/** Call `pressed` with the presses that are still missing; another key in between, or a pause, starts again. */
export function onShifts(pressed: (missing: number) => void): void {
  let presses = 0;
  let last = 0;
  addEventListener("keydown", ({ key, repeat, timeStamp }) => {
    if (repeat) return;
    presses = key !== "Shift" ? 0 : timeStamp - last < WITHIN ? presses + 1 : 1;
    last = timeStamp;
    if (presses) pressed(PRESSES - presses);
  }, true);
}

/** Show nothing, and put another page into the place of this one, so that Back does not return here. */
export function leaveFor(address: string): void {
  document.documentElement.style.display = "none";
  top!.location.replace(address);
}
