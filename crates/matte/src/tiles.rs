//! The grid of tiles that the work near the edge is done in.
//!
//! Strips of rows are spread over threads, each strip goes through its tiles. A pixel's value depends on the planes
//! alone, not on the tile it lies in, so results are the same for any number of threads.

use raster::Plane;
use std::ops::Range;

/// Rows in a strip.
pub(crate) const STRIP: usize = 16;
/// Columns in a tile.
pub(crate) const TILE: usize = 64;

/// A tile's pixels: columns `x`, rows `y`.
#[derive(Debug, Clone)]
pub(crate) struct Tile {
    pub x: Range<usize>,
    pub y: Range<usize>,
}

/// The tiles of strip number `strip` that hold a pixel within `limit` of the edge.
pub(crate) fn tiles_near_edge(distance: &Plane<f32>, strip: usize, limit: f32) -> impl Iterator<Item = Tile> {
    let y = strip * STRIP..((strip + 1) * STRIP).min(distance.height());
    (0..distance.width())
        .step_by(TILE)
        .map(move |x| Tile { x: x..(x + TILE).min(distance.width()), y: y.clone() })
        .filter(move |tile| tile.y.clone().any(|y| distance.row(y)[tile.x.clone()].iter().any(|d| d.abs() < limit)))
}

impl Tile {
    /// The tile and a margin round it, as signed coordinates: part of it may lie outside the picture.
    pub fn with_margin(&self, margin: usize) -> Area {
        Area {
            x: self.x.start as isize - margin as isize,
            y: self.y.start as isize - margin as isize,
            width: self.x.len() + 2 * margin,
            height: self.y.len() + 2 * margin,
        }
    }
}

/// A rectangle that may reach outside the picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Area {
    pub x: isize,
    pub y: isize,
    pub width: usize,
    pub height: usize,
}

impl Area {
    /// The rows that lie in a picture of `picture_height` rows: (row in the area, row in the picture).
    pub fn rows_inside(&self, picture_height: usize) -> impl Iterator<Item = (usize, usize)> {
        let top = self.y;
        (0..self.height).filter_map(move |row| {
            let y = usize::try_from(top + row as isize).ok()?;
            (y < picture_height).then_some((row, y))
        })
    }

    /// The columns that lie in a picture of `picture_width` columns: (columns in the area, columns in the picture).
    pub fn columns_inside(&self, picture_width: usize) -> (Range<usize>, Range<usize>) {
        let end = (self.x + self.width as isize).clamp(0, picture_width as isize) as usize;
        let start = (self.x.max(0) as usize).min(end);
        let skipped = (start as isize - self.x) as usize;
        (skipped..skipped + end - start, start..end)
    }
}
