//! From a mask to a matte: edge-aware upsampling, filters, morphology
