import { useCallback, useLayoutEffect, useRef, useState } from "react";

/** The heights of elements by id, px, kept up to date: what is in a card decides how high it is. */
export function useHeights(): [ReadonlyMap<string, number>, (id: string) => (element: HTMLElement | null) => void] {
  const [heights, setHeights] = useState<ReadonlyMap<string, number>>(new Map());
  const elements = useRef(new Map<string, HTMLElement>());
  const refs = useRef(new Map<string, (element: HTMLElement | null) => void>());
  const observer = useRef<ResizeObserver | null>(null);

  const measure = useCallback(() => {
    setHeights((before) => {
      const after = new Map([...elements.current].map(([id, element]) => [id, element.offsetHeight]));
      const same = after.size === before.size && [...after].every(([id, height]) => before.get(id) === height);
      return same ? before : after;
    });
  }, []);

  useLayoutEffect(() => {
    observer.current = new ResizeObserver(measure);
    for (const element of elements.current.values()) observer.current.observe(element);
    measure();
    return () => observer.current?.disconnect();
  }, [measure]);
  // A card that comes or goes has no size of its own to change.
  useLayoutEffect(measure);

  const ref = useCallback((id: string) => {
    const known = refs.current.get(id);
    if (known !== undefined) return known;
    const made = (element: HTMLElement | null) => {
      const before = elements.current.get(id);
      if (before !== undefined) observer.current?.unobserve(before);
      if (element === null) elements.current.delete(id);
      else {
        elements.current.set(id, element);
        observer.current?.observe(element);
      }
    };
    refs.current.set(id, made);
    return made;
  }, []);

  return [heights, ref];
}
