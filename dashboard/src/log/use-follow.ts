import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Closer to the end than this counts as at the end, px. */
const NEAR = 24;
/** A scroll this soon after user input is the user's, ms. */
const OWN = 800;

export interface Follow {
  readonly following: boolean;
  readonly setFollowing: (following: boolean) => void;
}

/**
 * Keeps a scrolling box at its end while new lines come, stops when the user scrolls up, and resumes when
 * they come back to the end. `content` changes with the lines.
 */
export function useFollow(box: RefObject<HTMLElement | null>, content: unknown): Follow {
  const [following, setState] = useState(true);
  const now = useRef(true);

  const toEnd = useCallback(() => {
    const element = box.current;
    if (element !== null && now.current) element.scrollTop = element.scrollHeight;
  }, [box]);

  const setFollowing = useCallback(
    (next: boolean) => {
      now.current = next;
      setState(next);
      toEnd();
    },
    [toEnd],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are what moves the end
  useLayoutEffect(toEnd, [toEnd, content]);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    let before = element.scrollTop;
    let movedAt = Number.NEGATIVE_INFINITY;
    let held = false;
    const moved = () => {
      movedAt = performance.now();
    };
    const hold = () => {
      held = true;
    };
    const release = () => {
      if (held) moved();
      held = false;
    };
    const onScroll = () => {
      const { scrollTop, scrollHeight, clientHeight } = element;
      const up = scrollTop < before - 1;
      before = scrollTop;
      // Lines that are measured late and searches move the box, too; only the user stops following.
      const own = held || performance.now() - movedAt < OWN;
      if (up && own && now.current) setFollowing(false);
      else if (!up && own && !now.current && scrollHeight - scrollTop - clientHeight < NEAR) setFollowing(true);
    };
    const sizes = new ResizeObserver(toEnd);
    sizes.observe(element);
    if (element.firstElementChild !== null) sizes.observe(element.firstElementChild);
    element.addEventListener("scroll", onScroll, { passive: true });
    element.addEventListener("wheel", moved, { passive: true });
    element.addEventListener("touchmove", moved, { passive: true });
    element.addEventListener("keydown", moved);
    element.addEventListener("pointerdown", hold);
    addEventListener("pointerup", release);
    return () => {
      sizes.disconnect();
      element.removeEventListener("scroll", onScroll);
      element.removeEventListener("wheel", moved);
      element.removeEventListener("touchmove", moved);
      element.removeEventListener("keydown", moved);
      element.removeEventListener("pointerdown", hold);
      removeEventListener("pointerup", release);
    };
  }, [box, setFollowing, toEnd]);

  return { following, setFollowing };
}
