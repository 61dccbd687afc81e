import "./mark.css";
/** Cove's mark: a bay with something safe in it. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path className="mark-bay" d="M23.6 8.300A11 11 0 1 0 23.6 23.7" />
      <circle className="mark-boat" cx="17" cy="16" r="3.6" />
    </svg>
  );
}
