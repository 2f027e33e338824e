//! Drawing with OpenGL's immediate mode, which overlays of version 1 are drawn with. The functions are those the host's
//! process already has; without them nothing is drawn.

use std::ffi::{c_double, c_float, c_int, c_uint, c_ushort};

use libloading::Library;

use super::draw::{Draw, Stipple, TextAnchor};

// Values of the OpenGL 1.1 registry.
const LINES: c_uint = 0x0001;
const LINE_LOOP: c_uint = 0x0002;
const LINE_STRIP: c_uint = 0x0003;
const POLYGON: c_uint = 0x0009;
const ALL_ATTRIBUTES: c_uint = 0x000F_FFFF;
const LINE_SMOOTH: c_uint = 0x0B20;
const LINE_STIPPLE: c_uint = 0x0B24;
const LIGHTING: c_uint = 0x0B50;
const DEPTH_TEST: c_uint = 0x0B71;
const BLEND: c_uint = 0x0BE2;
const TEXTURE_2D: c_uint = 0x0DE1;
const SOURCE_ALPHA: c_uint = 0x0302;
const ONE_MINUS_SOURCE_ALPHA: c_uint = 0x0303;

macro_rules! functions {
    ($($field:ident: $symbol:literal ($($argument:ty),*);)*) => {
        /// OpenGL's functions, and the library that keeps them loaded.
        pub(super) struct OpenGl {
            $($field: unsafe extern "system" fn($($argument),*),)*
            _library: Library,
        }

        impl OpenGl {
            /// All functions out of one library, or none.
            ///
            /// # Safety
            /// A function of one of these names in `library` is OpenGL's.
            unsafe fn from_library(library: Library) -> Option<Self> {
                $(
                    // SAFETY: the signature is the one of the OpenGL 1.1 specification.
                    let $field = *unsafe {
                        library.get::<unsafe extern "system" fn($($argument),*)>(concat!($symbol, "\0").as_bytes())
                    }
                    .ok()?;
                )*
                Some(Self { $($field,)* _library: library })
            }
        }
    };
}

functions! {
    push_attributes: "glPushAttrib" (c_uint);
    pop_attributes: "glPopAttrib" ();
    enable: "glEnable" (c_uint);
    disable: "glDisable" (c_uint);
    blend: "glBlendFunc" (c_uint, c_uint);
    colour: "glColor4f" (c_float, c_float, c_float, c_float);
    line_width: "glLineWidth" (c_float);
    line_stipple: "glLineStipple" (c_int, c_ushort);
    begin: "glBegin" (c_uint);
    vertex: "glVertex2d" (c_double, c_double);
    end: "glEnd" ();
}

impl OpenGl {
    /// OpenGL as this process has it: already among its symbols, else the system's library, which is the very one that
    /// the host's own loader opened.
    pub(super) fn of_process() -> Option<Self> {
        // SAFETY: these libraries run no code of note when they are opened once more, and their gl* are OpenGL's.
        libraries().into_iter().find_map(|library| unsafe { Self::from_library(library) })
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn libraries() -> Vec<Library> {
    let this = libloading::os::unix::Library::this().into();
    // SAFETY: as in `of_process`.
    let system = unsafe { Library::new("libGL.so.1") };
    std::iter::once(this).chain(system).collect()
}

#[cfg(target_os = "macos")]
fn libraries() -> Vec<Library> {
    let this = libloading::os::unix::Library::this().into();
    // SAFETY: as in `of_process`.
    let system = unsafe { Library::new("/System/Library/Frameworks/OpenGL.framework/OpenGL") };
    std::iter::once(this).chain(system).collect()
}

#[cfg(windows)]
fn libraries() -> Vec<Library> {
    libloading::os::windows::Library::open_already_loaded("opengl32.dll").map(Into::into).into_iter().collect()
}

/// Draws during one draw action, and leaves OpenGL's state as it was.
pub(super) struct GlDraw<'a> {
    gl: &'a OpenGl,
}

impl<'a> GlDraw<'a> {
    /// # Safety
    /// The host made its OpenGL context current in this thread, as it does for draw actions of version 1.
    pub(super) unsafe fn begin(gl: &'a OpenGl) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            (gl.push_attributes)(ALL_ATTRIBUTES);
            (gl.disable)(TEXTURE_2D);
            (gl.disable)(LIGHTING);
            (gl.disable)(DEPTH_TEST);
            (gl.disable)(LINE_STIPPLE);
            (gl.enable)(BLEND);
            (gl.blend)(SOURCE_ALPHA, ONE_MINUS_SOURCE_ALPHA);
            (gl.enable)(LINE_SMOOTH);
        }
        Self { gl }
    }

    fn primitive(&self, primitive: c_uint, points: &[[f64; 2]]) {
        // SAFETY: the context is current (see `begin`).
        unsafe {
            (self.gl.begin)(primitive);
            for &[x, y] in points {
                (self.gl.vertex)(x, y);
            }
            (self.gl.end)();
        }
    }
}

impl Drop for GlDraw<'_> {
    fn drop(&mut self) {
        // SAFETY: the context is current (see `begin`), and one set of attributes was pushed.
        unsafe { (self.gl.pop_attributes)() };
    }
}

impl Draw for GlDraw<'_> {
    fn colour(&mut self, [r, g, b, a]: [f32; 4]) {
        // SAFETY: the context is current (see `begin`).
        unsafe { (self.gl.colour)(r, g, b, a) };
    }

    fn line_width(&mut self, pixels: f32) {
        // SAFETY: as above.
        unsafe { (self.gl.line_width)(pixels.max(1.0)) };
    }

    fn stipple(&mut self, pattern: Stipple) {
        let bits = match pattern {
            Stipple::Solid => {
                // SAFETY: as above.
                unsafe { (self.gl.disable)(LINE_STIPPLE) };
                return;
            }
            Stipple::Dotted => 0x3333,
            Stipple::Dashed => 0x00FF,
            Stipple::AlternateDashed => 0xFF00,
        };
        // SAFETY: as above.
        unsafe {
            (self.gl.enable)(LINE_STIPPLE);
            (self.gl.line_stipple)(1, bits);
        }
    }

    fn line_strip(&mut self, points: &[[f64; 2]]) {
        self.primitive(LINE_STRIP, points);
    }

    fn line_loop(&mut self, points: &[[f64; 2]]) {
        self.primitive(LINE_LOOP, points);
    }

    fn lines(&mut self, points: &[[f64; 2]]) {
        self.primitive(LINES, points);
    }

    fn polygon(&mut self, points: &[[f64; 2]]) {
        self.primitive(POLYGON, points);
    }

    fn text(&mut self, _: [f64; 2], _: &str, _: TextAnchor) -> bool {
        false
    }
}
